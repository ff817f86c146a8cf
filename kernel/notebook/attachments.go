package notebook

import "strings"

// Attachments are the pictures that the cell carries for its text, as data URLs
// by their names.
func (c *Cell) Attachments() map[string]string {
	all, _ := c.extra["attachments"].(map[string]any)
	urls := map[string]string{}
	for name, v := range all {
		bundle, _ := v.(map[string]any)
		for mime, data := range bundle {
			if s, ok := data.(string); ok && strings.HasPrefix(mime, "image/") {
				urls[name] = "data:" + mime + ";base64," + strings.Join(strings.Fields(s), "")
			}
		}
	}
	return urls
}
