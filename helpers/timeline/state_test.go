package timeline

import (
	"math"
	"strconv"
	"testing"
)

// What eyes without one kind of cones see, as matrices on linear RGB: Machado,
// Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color
// Vision Deficiency" (2009), severity 1.
var eyes = map[string][3][3]float64{
	"all colours":  {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// TestColors: every two states are told apart with any eyes. The distance is that
// of CIE 1976 in L*a*b*; 2.3 is just noticeable side by side, and bars of a legend
// are not side by side.
func TestColors(t *testing.T) {
	for name, m := range eyes {
		for a := range NumStates {
			for b := range a {
				x, y := lab(a.Color(), m), lab(b.Color(), m)
				if d := math.Sqrt(square(x[0]-y[0]) + square(x[1]-y[1]) + square(x[2]-y[2])); d < 15 {
					t.Errorf("%s: %s and %s are only %.1f apart", name, a, b, d)
				}
			}
		}
	}
}

func square(x float64) float64 { return x * x }

// lab is a colour as those eyes see it, in L*a*b* under D65.
func lab(hex string, eye [3][3]float64) [3]float64 {
	var rgb, seen, xyz [3]float64
	for i := range rgb {
		n, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		c := float64(n) / 255
		if c <= 0.04045 {
			rgb[i] = c / 12.92
		} else {
			rgb[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	for i := range seen {
		for j := range rgb {
			seen[i] += eye[i][j] * rgb[j]
		}
		seen[i] = min(1, max(0, seen[i]))
	}
	d65 := [3][3]float64{{0.4124564, 0.3575761, 0.1804375}, {0.2126729, 0.7151522, 0.0721750}, {0.0193339, 0.1191920, 0.9503041}}
	white := [3]float64{0.95047, 1, 1.08883}
	for i := range xyz {
		for j := range seen {
			xyz[i] += d65[i][j] * seen[j]
		}
		if v := xyz[i] / white[i]; v > 216.0/24389 {
			xyz[i] = math.Cbrt(v)
		} else {
			xyz[i] = (24389.0/27*v + 16) / 116
		}
	}
	return [3]float64{116*xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])}
}
