package explain

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// A station is one box of a circle: a goroutine, or what it waits for.
type station struct {
	title, below string
	goroutine    bool
	x, y, w, h   float64
}

// drawCircle draws boxes on a circle, an arrow from each to the next with its
// words. The boxes bring their own background, so that they read on any theme.
func drawCircle(stations []station, words []string) string {
	n := len(stations)
	const char, height = 7.3, 46.0
	widest := 0.0
	for i := range stations {
		s := &stations[i]
		s.title, s.below = clip(s.title), clip(s.below)
		s.w = math.Max(90, char*float64(max(utf8.RuneCountInString(s.title), utf8.RuneCountInString(s.below)))+28)
		s.h = height
		widest = math.Max(widest, s.w)
	}
	wordsWide := 0.0
	for _, w := range words {
		wordsWide = math.Max(wordsWide, 6.4*float64(utf8.RuneCountInString(w)))
	}
	var width, tall float64
	switch {
	case n == 2:
		width, tall = 2*widest+wordsWide+90, 76
		stations[0].x, stations[0].y = widest/2+8, tall/2
		stations[1].x, stations[1].y = width-widest/2-8, tall/2
	case n == 4:
		width, tall = 2*widest+wordsWide+70, 216
		left, right := widest/2+8, width-widest/2-8
		for i, p := range [][2]float64{{left, 34}, {right, 34}, {right, tall - 34}, {left, tall - 34}} {
			stations[i].x, stations[i].y = p[0], p[1]
		}
	default:
		rx := math.Max(widest*0.85+wordsWide*0.9, float64(n)*40)
		ry := math.Max(140, float64(n)*28)
		width, tall = 2*rx+widest+16, 2*ry+height+16
		for i := range stations {
			a := 2*math.Pi*float64(i)/float64(n) - math.Pi/2
			stations[i].x, stations[i].y = width/2+rx*math.Cos(a), tall/2+ry*math.Sin(a)
		}
	}
	b := new(strings.Builder)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" `+
		`font-family="system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif">`, width, tall, width, tall)
	b.WriteString(`<defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">` +
		`<path d="M0 0 10 5 0 10z" fill="#8a8a8a"/></marker></defs>`)
	for i, from := range stations {
		to := stations[(i+1)%n]
		x1, y1, x2, y2 := from.x, from.y, to.x, to.y
		if n == 2 { // there and back: two lines, one above the other
			dy := -14.0
			if i == 1 {
				dy = 14
			}
			y1, y2 = y1+dy, y2+dy
		}
		sx, sy := leave(from, x1, y1, x2, y2)
		ex, ey := leave(to, x2, y2, x1, y1)
		fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#8a8a8a" stroke-width="1.6" marker-end="url(#a)"/>`, sx, sy, ex, ey)
		w := words[i]
		mx, my := (sx+ex)/2, (sy+ey)/2
		wide := 6.6*float64(utf8.RuneCountInString(w)) + 12
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="20" rx="10" fill="#f4f4f4" stroke="#c9c9c9"/>`, mx-wide/2, my-10, wide)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" font-size="11.5" text-anchor="middle" fill="#444">%s</text>`, mx, my+4, escape(w))
	}
	for _, s := range stations {
		fill, edge, rx := "#fff3da", "#c98a1b", 4.0
		if s.goroutine {
			fill, edge, rx = "#dcebfb", "#3b78b8", 22
		}
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.0f" fill="%s" stroke="%s" stroke-width="1.4"/>`,
			s.x-s.w/2, s.y-s.h/2, s.w, s.h, rx, fill, edge)
		dy := 5.0
		if s.below != "" {
			dy = -2
			fmt.Fprintf(b, `<text x="%.1f" y="%.1f" font-size="11" text-anchor="middle" fill="#555">%s</text>`, s.x, s.y+14, escape(s.below))
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" font-size="13" font-weight="600" text-anchor="middle" fill="#1c1c1c">%s</text>`, s.x, s.y+dy, escape(s.title))
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// leave is where the line from the middle of a box towards (x2, y2) leaves it.
func leave(s station, x, y, x2, y2 float64) (float64, float64) {
	dx, dy := x2-x, y2-y
	t := math.Inf(1)
	if dx != 0 {
		t = math.Min(t, (s.w/2)/math.Abs(dx))
	}
	if dy != 0 {
		t = math.Min(t, (s.h/2)/math.Abs(dy))
	}
	t = math.Min(t, 0.5)
	return x + dx*t, y + dy*t
}

// clip keeps a box's text short: what it stands for is told in full below.
func clip(s string) string {
	if r := []rune(s); len(r) > 36 {
		return string(r[:35]) + "…"
	}
	return s
}
