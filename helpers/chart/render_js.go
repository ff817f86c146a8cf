package chart

import "errors"

// render has no program to start in a browser.
func render(string, map[string]any) ([]byte, error) { return nil, errors.ErrUnsupported }
