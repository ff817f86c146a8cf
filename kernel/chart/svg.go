package chart

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// clean takes an SVG of ECharts' string renderer apart and writes it anew: only
// elements and attributes that are known to do nothing but draw, with rounded
// numbers, identifiers that depend on the content alone, and what a screen
// reader needs. Anything that it does not know is an error and not dropped,
// because then ECharts does something that nobody has thought about.
//
// The identifiers begin with a hash of seed: pictures from different seeds can
// stand in one page.
func clean(svg, seed []byte, title, description string) ([]byte, error) {
	sum := sha256.Sum256(seed)
	c := &cleaner{
		title:       title,
		description: description,
		prefix:      fmt.Sprintf("c%x-", sum[:4]),
		ids:         make(map[string]string),
	}
	if at := family.FindSubmatch(svg); at != nil {
		c.family = string(at[1])
	}
	in := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return c.out.Bytes(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("the picture is not well-formed: %w", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "style" {
				// Hover effects: they need no replacement in a still picture.
				err = in.Skip()
			} else {
				err = c.start(token)
			}
		case xml.EndElement:
			c.end(token.Name.Local)
		case xml.CharData:
			c.text(token)
		default:
			err = fmt.Errorf("unexpected %T", token)
		}
		if err != nil {
			return nil, fmt.Errorf("the picture is refused: %w", err)
		}
	}
}

type cleaner struct {
	out                bytes.Buffer
	title, description string
	prefix             string
	ids                map[string]string // ECharts' to ours
	family             string            // the first family: written once, at the root
	depth              int
	open               bool // the last start tag still lacks its '>'
	inText             int  // depth of text elements
}

var elements = map[string]bool{
	"svg": true, "g": true, "defs": true, "clipPath": true,
	"path": true, "rect": true, "circle": true, "ellipse": true,
	"line": true, "polyline": true, "polygon": true,
	"text": true, "tspan": true,
	"linearGradient": true, "radialGradient": true, "stop": true, "pattern": true,
	"filter": true, "feDropShadow": true,
}

func (c *cleaner) start(e xml.StartElement) error {
	name := e.Name.Local
	if !elements[name] {
		return fmt.Errorf("it has an element <%.40s>", name)
	}
	if (c.depth == 0) != (name == "svg") {
		return fmt.Errorf("<%s> is not the root", name)
	}
	c.closeTag()
	c.out.WriteByte('<')
	c.out.WriteString(name)
	if c.depth == 0 {
		c.attr("xmlns", "http://www.w3.org/2000/svg")
		c.attr("role", "img")
		if c.family != "" {
			c.attr("font-family", c.family)
		}
	}
	for _, a := range e.Attr {
		if err := c.attribute(a); err != nil {
			return fmt.Errorf("<%s>: %w", name, err)
		}
	}
	c.open = true
	if c.depth == 0 {
		c.element("title", c.title)
		c.element("desc", c.description)
	}
	c.depth++
	if name == "text" {
		c.inText++
	}
	return nil
}

func (c *cleaner) end(name string) {
	c.depth--
	if name == "text" {
		c.inText--
	}
	if c.open {
		c.open = false
		c.out.WriteString("/>")
		return
	}
	c.out.WriteString("</" + name + ">")
}

func (c *cleaner) text(data []byte) {
	if c.inText > 0 && len(data) > 0 {
		c.closeTag()
		xml.EscapeText(&c.out, data) // a bytes.Buffer does not fail
	}
}

func (c *cleaner) element(name, text string) {
	if text != "" {
		c.closeTag()
		c.out.WriteString("<" + name + ">")
		xml.EscapeText(&c.out, []byte(text))
		c.out.WriteString("</" + name + ">")
	}
}

func (c *cleaner) closeTag() {
	if c.open {
		c.open = false
		c.out.WriteByte('>')
	}
}

func (c *cleaner) attr(name, value string) {
	c.out.WriteString(" " + name + `="`)
	xml.EscapeText(&c.out, []byte(value))
	c.out.WriteByte('"')
}

// kind says what an attribute's value may be.
type kind int

const (
	unknown kind = iota
	dropped      // for hit tests and hydration
	number       // numbers, units, path commands, transforms
	matrix       // the same, but multiplied with others: kept more exactly
	paint
	keyword
	reference
	identifier
	font
)

var attributes = map[string]kind{
	"version": dropped, "baseProfile": dropped, "class": dropped, "pointer-events": dropped, "cursor": dropped,

	"d": number, "points": number, "viewBox": number, "width": number, "height": number,
	"x": number, "y": number, "x1": number, "y1": number, "x2": number, "y2": number,
	"cx": number, "cy": number, "r": number, "rx": number, "ry": number, "dx": number, "dy": number,
	"fx": number, "fy": number, "offset": number, "stdDeviation": number,
	"opacity": number, "fill-opacity": number, "stroke-opacity": number, "stop-opacity": number, "flood-opacity": number,
	"stroke-width": number, "stroke-dasharray": number, "stroke-dashoffset": number, "stroke-miterlimit": number,
	"transform": matrix, "gradientTransform": matrix, "patternTransform": matrix,

	"fill": paint, "stroke": paint, "stop-color": paint, "flood-color": paint,

	"text-anchor": keyword, "dominant-baseline": keyword, "paint-order": keyword,
	"stroke-linecap": keyword, "stroke-linejoin": keyword, "vector-effect": keyword,
	"fill-rule": keyword, "clip-rule": keyword, "visibility": keyword, "display": keyword,
	"gradientUnits": keyword, "patternUnits": keyword, "patternContentUnits": keyword, "clipPathUnits": keyword,
	"filterUnits": keyword,

	"clip-path": reference, "filter": reference,
	"id":    identifier,
	"style": font,
}

var (
	numbers    = regexp.MustCompile(`^[\w\s.,+()%-]*$`)
	colors     = regexp.MustCompile(`^(#[0-9A-Fa-f]{3,8}|[A-Za-z]+|(rgb|hsl)a?\([\d\s.,%/+-]*\))$`)
	keywords   = regexp.MustCompile(`^[A-Za-z-]*$`)
	references = regexp.MustCompile(`^url\(#([\w-]+)\)$`)
	ids        = regexp.MustCompile(`^[\w-]+$`)
	// One declaration of a style attribute. Escapes and functions are not in it.
	fontStyle = regexp.MustCompile(`^(font-size|font-family|font-weight|font-style)\s*:\s*([\w\s.,'%-]+)$`)
	// The same in one: style, weight, size, family.
	fontShort = regexp.MustCompile(`^font\s*:\s*([a-z]+) ([a-z0-9]+) ([\d.]+px) ([\w\s.,'%-]+)$`)
	family    = regexp.MustCompile(`[;"]font-family:([\w\s.,'%-]+)[;"]`)
	// zrender sets where transforms start; only its own moving parts use it.
	inert   = regexp.MustCompile(`^(transform-origin|transform-box|mix-blend-mode)\s*:`)
	decimal = regexp.MustCompile(`-?(\d+\.\d*|\.\d+)([eE][-+]?\d+)?|-?\d+[eE][-+]?\d+`)
)

func (c *cleaner) attribute(a xml.Attr) error {
	name, value := a.Name.Local, a.Value
	switch {
	case a.Name.Space == "xmlns" || name == "xmlns" || strings.HasPrefix(name, "ecmeta_"):
		return nil
	case name == "space":
		if value == "preserve" {
			c.attr("xml:space", value)
		}
		return nil
	case a.Name.Space != "":
		return fmt.Errorf("it has an attribute %.40s of another vocabulary", name)
	}
	ok := true
	switch attributes[name] {
	case dropped:
		return nil
	case number:
		ok = numbers.MatchString(value)
		value = round(value, 2)
	case matrix:
		ok = numbers.MatchString(value)
		value = round(value, 4)
	case paint:
		if at := references.FindStringSubmatch(value); at != nil {
			value = "url(#" + c.id(at[1]) + ")"
		} else {
			ok = colors.MatchString(value)
		}
	case keyword:
		ok = keywords.MatchString(value)
	case reference:
		at := references.FindStringSubmatch(value)
		if ok = at != nil; ok {
			value = "url(#" + c.id(at[1]) + ")"
		}
	case identifier:
		if ok = ids.MatchString(value); ok {
			value = c.id(value)
		}
	case font:
		return c.fonts(value)
	default:
		return fmt.Errorf("it has an attribute %.40s", name)
	}
	if !ok {
		return fmt.Errorf("its %s is %.60q", name, value)
	}
	c.attr(name, value)
	return nil
}

// fonts turns a style attribute into presentation attributes. The family is
// nearly always the same, so the root carries it for all.
func (c *cleaner) fonts(style string) error {
	for declaration := range strings.SplitSeq(style, ";") {
		declaration = strings.TrimSpace(declaration)
		if declaration == "" || inert.MatchString(declaration) {
			continue
		}
		if at := fontStyle.FindStringSubmatch(declaration); at != nil {
			c.font(at[1], at[2])
		} else if at := fontShort.FindStringSubmatch(declaration); at != nil {
			for i, name := range []string{"font-style", "font-weight", "font-size", "font-family"} {
				c.font(name, at[i+1])
			}
		} else {
			return fmt.Errorf("its style says %.60q", declaration)
		}
	}
	return nil
}

func (c *cleaner) font(name, value string) {
	if value != "normal" && (name != "font-family" || value != c.family) {
		c.attr(name, value)
	}
}

func (c *cleaner) id(theirs string) string {
	ours, ok := c.ids[theirs]
	if !ok {
		ours = c.prefix + strconv.Itoa(len(c.ids)+1)
		c.ids[theirs] = ours
	}
	return ours
}

// round shortens the numbers in a list to so many decimals: a hundredth of a
// pixel is not seen, and a timeline has thousands of them.
func round(list string, decimals int) string {
	return decimal.ReplaceAllStringFunc(list, func(s string) string {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return s
		}
		short := strconv.FormatFloat(f, 'f', decimals, 64)
		short = strings.TrimRight(strings.TrimRight(short, "0"), ".")
		if short == "" || short == "-0" || short == "-" {
			short = "0"
		}
		if s[0] == '-' && short[0] != '-' {
			return " " + short // the sign also kept it from its neighbour
		}
		return short
	})
}
