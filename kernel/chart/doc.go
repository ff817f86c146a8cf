// Package chart draws gopark's charts as SVG, without a browser: ECharts'
// server-side rendering, run by a JavaScript interpreter written in Go.
//
// A chart is the JSON that kernel/labextension shows as
// application/vnd.gopark.chart+json. The same TypeScript sanitises it, gives it
// its look and knows its custom series, so that the picture in a file is the
// picture in JupyterLab.
//
// The parts, from the inside out:
//
//   - A Renderer owns one interpreter and the one goroutine that touches it.
//     It takes tens of megabytes.
//   - Serve puts a Renderer behind JSON lines, in a process of its own.
//   - A Client starts that process when the first chart comes, keeps it while
//     charts come, remembers what it drew, and is what the kernel holds.
//
// What comes out is checked, not trusted: clean takes an SVG apart and lets
// through only shapes, text, and references to the SVG itself. So a result has
// no script, no style sheet, no animation, and nothing that is fetched.
//
// The same chart gives the same bytes, always, so that a notebook run again
// differs only where its numbers do.
package chart
