package chart

import (
	"fmt"
	"html"
	"strings"
)

// FromOption makes a Chart of an option that somebody else built. Its text is a
// table of the series: a name and the values, as far as they are numbers.
func FromOption(option map[string]any) Chart {
	title := titleOf(option)
	numbers := seriesTable(option)
	text := numbers.String()
	if title != "" {
		text = title + "\n" + text
	}
	var parts []string
	for _, row := range numbers.Rows {
		parts = append(parts, fmt.Sprintf("%s (%s)", row[0], row[1]))
	}
	alt := strings.TrimPrefix(title+": ", ": ") + "chart of " + strings.Join(parts, ", ")
	if _, ok := option["aria"]; !ok {
		option["aria"] = map[string]any{"enabled": true, "label": map[string]any{"description": alt}}
	}
	return Chart{
		Option: option, Height: DefaultHeight, Alt: alt, Text: text,
		HTML: "<p><b>" + html.EscapeString(title) + "</b></p>" + numbers.HTML(),
	}
}

func titleOf(option map[string]any) string {
	title, _ := option["title"].(map[string]any)
	text, _ := title["text"].(string)
	return text
}

// maxValues bounds a row: a terminal is no place for a thousand numbers.
const maxValues = 12

func seriesTable(option map[string]any) Table {
	t := Table{Header: []string{"Series", "Kind", "Values"}}
	categories := categoriesOf(option)
	series, _ := option["series"].([]any)
	for i, item := range series {
		s, _ := item.(map[string]any)
		name, _ := s["name"].(string)
		if name == "" {
			name = fmt.Sprint(i + 1)
		}
		kind, _ := s["type"].(string)
		data, _ := s["data"].([]any)
		var values []string
		for j, d := range data {
			if j == maxValues {
				values = append(values, fmt.Sprintf("and %d more", len(data)-j))
				break
			}
			text := valueText(d)
			if j < len(categories) {
				text = categories[j] + " " + text
			}
			values = append(values, text)
		}
		t.Rows = append(t.Rows, []string{name, kind, strings.Join(values, ", ")})
	}
	return t
}

// categoriesOf returns the names on the category axis, if there is one.
func categoriesOf(option map[string]any) []string {
	for _, key := range []string{"xAxis", "yAxis"} {
		axes, _ := option[key].([]any)
		for _, a := range axes {
			axis, _ := a.(map[string]any)
			data, _ := axis["data"].([]any)
			if len(data) == 0 {
				continue
			}
			names := make([]string, len(data))
			for i, d := range data {
				names[i] = valueText(d)
			}
			return names
		}
	}
	return nil
}

func valueText(d any) string {
	switch v := d.(type) {
	case map[string]any:
		text := valueText(v["value"])
		if name, _ := v["name"].(string); name != "" {
			return name + " " + text
		}
		return text
	case []any:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = valueText(p)
		}
		return "(" + strings.Join(parts, " ") + ")"
	case nil:
		return "-"
	}
	return fmt.Sprint(d)
}
