package chart

import (
	"math"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/types"
)

// round keeps four digits that matter: more are noise, and make a notebook's
// file grow and its differences unreadable.
func round(x float64) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	short, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	return short
}

// asFormatter makes a formatter of plain text: go-echarts' type for both text and
// JavaScript is a string.
func asFormatter(text string) types.FuncStr { return types.FuncStr(text) }
