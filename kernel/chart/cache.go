package chart

import "container/list"

// A cache keeps the pictures that were asked for last, up to a number of bytes.
// It is not safe for concurrent use.
type cache struct {
	limit int
	size  int
	order list.List // of *picture, the most recent first
	byKey map[key]*list.Element
}

// A key is a chart's SHA-256 and the width.
type key struct {
	sum   [32]byte
	width int
}

type picture struct {
	key key
	svg []byte
}

func (c *cache) get(k key) ([]byte, bool) {
	at, ok := c.byKey[k]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(at)
	return at.Value.(*picture).svg, true
}

func (c *cache) put(k key, svg []byte) {
	if _, ok := c.byKey[k]; ok || len(svg) > c.limit {
		return
	}
	if c.byKey == nil {
		c.byKey = make(map[key]*list.Element)
	}
	c.byKey[k] = c.order.PushFront(&picture{k, svg})
	for c.size += len(svg); c.size > c.limit; {
		last := c.order.Back()
		old := c.order.Remove(last).(*picture)
		delete(c.byKey, old.key)
		c.size -= len(old.svg)
	}
}
