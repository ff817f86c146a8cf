package zmtp

import (
	"log/slog"
	"time"
)

// Options holds a socket's limits. A zero field means its default.
type Options struct {
	Log *slog.Logger // default: nothing is logged

	Handshake time.Duration // for greeting and READY together; default 5 s
	MaxConns  int           // connections at a time, half-open ones included; default 1,024

	MaxFrame   int // bytes in one frame; default 64 MB
	MaxFrames  int // frames in one message; default 1,024
	MaxMessage int // bytes in one message; default twice MaxFrame

	QueueSoft int           // bytes; a peer further behind than this has QueueFor to catch up; default 4 MB
	QueueFor  time.Duration // default 10 s
	QueueHard int           // bytes; a peer further behind than this is closed at once; default 64 MB
}

// withDefaults returns o with every zero field replaced.
func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	set := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	set(&o.MaxConns, 1024)
	set(&o.MaxFrame, 64<<20)
	set(&o.MaxFrames, 1024)
	set(&o.MaxMessage, 2*o.MaxFrame)
	set(&o.QueueSoft, 4<<20)
	set(&o.QueueHard, 64<<20)
	if o.Handshake == 0 {
		o.Handshake = 5 * time.Second
	}
	if o.QueueFor == 0 {
		o.QueueFor = 10 * time.Second
	}
	return o
}
