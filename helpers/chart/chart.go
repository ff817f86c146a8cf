// Package chart makes the pictures of the helpers: go-echarts builds ECharts
// options, and a bundle carries each in three layers.
//
//   - application/vnd.gopark.chart+json, {"version":1, "option":…, "height":N}:
//     drawn by the gopark extension of JupyterLab. The option is plain JSON, with
//     no JavaScript in it: the custom series "errorbar" and "gantt" are named, and
//     the extension implements them. Colours are the theme's unless they mean
//     something.
//   - text/html: the same chart as a picture, or its numbers as a table. The
//     gopark kernel adds this layer itself, so a program there leaves it out.
//   - text/plain: the numbers as an aligned table.
//
// All functions are pure but Bundle, which may start the program that
// GOPARK_RENDER names. Everything is safe for concurrent use.
package chart

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"gopark/helpers/display"
)

// MIME is the type of the JSON layer.
const MIME = "application/vnd.gopark.chart+json"

// DefaultHeight in pixels, for charts that do not say.
const DefaultHeight = 360

// A Chart is an ECharts option and what those see who cannot draw it.
type Chart struct {
	// Option holds JSON values only: maps, slices, strings, numbers, booleans.
	Option map[string]any
	// Height in pixels; the width is the notebook's.
	Height int
	// Alt says in a sentence or two what the picture shows, for a screen reader.
	Alt string
	// Text is the text/plain layer.
	Text string
	// HTML stands in the text/html layer where no picture can be made.
	HTML string
	// Open is the same chart with more of it, which a button shows instead; nil
	// when there is no more.
	Open *Chart
}

// Bundle returns the layers for display.Bundle.
func (c Chart) Bundle() map[string]any {
	layer := map[string]any{"version": 1, "option": c.Option, "height": c.Height}
	if c.Open != nil {
		layer["open"] = map[string]any{"option": c.Open.Option, "height": c.Open.Height}
	}
	bundle := map[string]any{MIME: layer, display.Plain: c.Text}
	if display.Rich() && !display.InGopark() {
		bundle[display.HTML] = c.html(layer)
	}
	return bundle
}

// An Echart is any chart of go-echarts.
type Echart interface {
	Validate()
	JSON() map[string]any
}

// echartColors are the palette that go-echarts writes into every option; left in,
// it would hide the theme's.
const echartColors = `["#5470c6","#91cc75","#fac858","#ee6666","#73c0de","#3ba272","#fc8452","#9a60b4","#ea7ccc"]`

// Option turns a chart of go-echarts into plain JSON. JavaScript functions, which
// go-echarts allows in strings, are taken out; dropped names their places, like
// "series[0].renderItem".
func Option(e Echart) (option map[string]any, dropped []string, err error) {
	e.Validate()
	text, err := json.Marshal(e.JSON())
	if err != nil {
		return nil, nil, fmt.Errorf("chart: the option is not JSON: %w", err)
	}
	if err := json.Unmarshal(text, &option); err != nil {
		return nil, nil, fmt.Errorf("chart: reading the option back: %w", err)
	}
	dropped = dropFunctions(option, "")
	if colors, _ := json.Marshal(option["color"]); string(colors) == echartColors {
		delete(option, "color")
	}
	// Empty parts that go-echarts always writes.
	for _, key := range []string{"toolbox", "title", "legend", "tooltip"} {
		if m, ok := option[key].(map[string]any); ok && len(m) == 0 {
			delete(option, key)
		}
	}
	return option, dropped, nil
}

// functionMark encloses the JavaScript in go-echarts' strings.
const functionMark = "__f__"

func dropFunctions(value any, path string) (dropped []string) {
	switch v := value.(type) {
	case map[string]any:
		for key, child := range v {
			at := strings.TrimPrefix(path+"."+key, ".")
			if isFunction(child) {
				delete(v, key)
				dropped = append(dropped, at)
				continue
			}
			dropped = append(dropped, dropFunctions(child, at)...)
		}
	case []any:
		for i, child := range v {
			at := fmt.Sprintf("%s[%d]", path, i)
			if isFunction(child) {
				v[i] = nil
				dropped = append(dropped, at)
				continue
			}
			dropped = append(dropped, dropFunctions(child, at)...)
		}
	}
	return dropped
}

func isFunction(value any) bool {
	s, ok := value.(string)
	return ok && strings.Contains(s, functionMark)
}

// mustOption is Option for the charts of this package, which hold nothing but
// data, merged with what go-echarts cannot say.
func mustOption(e Echart, alt string, more map[string]any) map[string]any {
	option, _, err := Option(e)
	if err != nil {
		panic(err) // A value of ours that is not JSON, such as NaN: a bug here.
	}
	option["aria"] = map[string]any{"enabled": true, "label": map[string]any{"description": alt}}
	option["animation"] = false // A picture that is replaced must not move each time.
	maps.Copy(option, more)
	return option
}
