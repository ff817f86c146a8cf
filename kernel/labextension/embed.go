// Package labextension is the JupyterLab renderer of gopark's charts, and the
// script that draws the same charts without a browser.
//
// Both are bundles of the TypeScript in src, made by build.sh into dist and
// embedded from there. dist is not in version control: a Go build without it
// compiles, and Built tells that there is nothing inside.
//
// The renderer shows the MIME type application/vnd.gopark.chart+json,
//
//	{"version": 1, "option": {…}, "height": 360}
//
// where option is an ECharts option (plain JSON, functions are not possible)
// and height is in CSS pixels. It draws in notebooks that nobody trusts, so it
// copies only what is known to be harmless (src/sanitize.ts). Beside ECharts'
// own series it knows two custom ones by their renderItem:
//
//	errorbar   an item is [x, low, high]
//	gantt      an item is [lane, start, end]; itemPayload.label names it
//
// Everything here is safe for concurrent use.
package labextension

import (
	"embed"
	"errors"
	"io/fs"
)

const (
	// Name is the extension's name, and that of its folder in JupyterLab.
	Name = "gopark-chart"
	// MIMEType is what the extension draws.
	MIMEType = "application/vnd.gopark.chart+json"
)

// ErrNotBuilt says that this binary was built without the renderer.
var ErrNotBuilt = errors.New("the chart renderer is not in this binary: run kernel/labextension/build.sh, then build it again")

//go:embed all:dist
var dist embed.FS

// Built tells whether the bundles are inside.
func Built() bool {
	_, err := fs.Stat(dist, "dist/labextension/package.json")
	return err == nil
}

// Files returns the extension's folder as JupyterLab wants it:
// package.json and static/remoteEntry.<hash>.js. Without the bundles it returns
// ErrNotBuilt.
func Files() (fs.FS, error) {
	if !Built() {
		return nil, ErrNotBuilt
	}
	return fs.Sub(dist, "dist/labextension")
}

// Script returns the JavaScript (ES2017, no DOM) that defines
//
//	goparkChart(json: string, width: number): string
//
// It takes a chart as above and answers with JSON, either {"error": …} or
// {"svg": …, "title": …, "description": …}. Package chart runs it. Without the
// bundles it returns ErrNotBuilt.
func Script() (string, error) {
	text, err := dist.ReadFile("dist/ssr.js")
	if err != nil {
		return "", ErrNotBuilt
	}
	return string(text), nil
}
