// Package page writes an executed notebook as one HTML page that needs nothing
// else: no network, no script, no file beside it.
//
// Whoever reads a page did not run its cells, and may not know who did. So:
//
//   - What a cell prints, an error says or a name holds is text, and escaped.
//   - HTML in outputs and in Markdown goes through a sanitiser that keeps tables,
//     pictures and words and drops the rest; SVG is shown as a picture, in which
//     browsers run no script.
//   - The page forbids scripts, and everything from elsewhere, by a policy of its
//     own (Content-Security-Policy): should the sanitiser have a hole, nothing
//     comes through it.
//
// The package is functions of values; it starts nothing and keeps nothing.
package page
