package process

import (
	"fmt"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// readDisplay reads the display pipe, at least so many bytes unless it is
// empty before, and returns the messages.
func (p *pump) readDisplay(atLeast int) []message {
	if p.display == nil || p.display.in < 0 {
		return nil
	}
	var all []message
	for got, more := 0, true; more && got < atLeast; got += len(p.buf) {
		var messages []message
		messages, more = p.display.read(p.buf)
		all = append(all, messages...)
		if n := len(messages); n > 0 && messages[n-1].spoiled != nil {
			break
		}
	}
	return all
}

// show passes messages on, and before them what the streams hold: the program
// may have written it before.
func (p *pump) show(messages []message) {
	if len(messages) == 0 {
		return
	}
	p.readStream(slotStdout, heldLimit)
	p.readStream(slotStderr, heldLimit)
	for _, m := range messages {
		switch {
		case m.over > 0:
			p.notice("A display of %.1f MB was left out: the limit is %d MB. Show less of it, or a smaller picture.",
				float64(m.over)/(1<<20), DisplayLimit>>20)
		case m.spoiled != nil:
			p.log.Warn("a display pipe is spoiled", "err", m.spoiled)
			p.notice("The display pipe brought something that is no display, so this cell shows no more of them. " +
				"Has a second process written to it? Start others without GONB_PIPE and GONB_PIPE_BACK in their environment.")
			// The program goes on, without displays.
			p.fds[slotDisplay].Fd = -1
			p.fds[slotAcks].Fd = -1
			p.display.close()
		default:
			p.handle(m.data)
		}
	}
}

// handle does what one message asks for: first shows, then asks, and last says
// that all is done.
func (p *pump) handle(d protocol.DisplayData) {
	data := make(map[string]any, len(d.Data))
	var inputs []protocol.InputRequest
	var syncs []any
	for mime, value := range d.Data {
		switch v := value.(type) {
		case protocol.InputRequest:
			inputs = append(inputs, v)
		case protocol.CommValue:
			if v.Address == protocol.GonbuiSyncAddress {
				syncs = append(syncs, v.Value)
			} else {
				p.ignoreComm(v.Address)
			}
		case protocol.CommSubscription:
			p.ignoreComm(v.Address)
		default:
			data[string(mime)] = present(string(mime), v)
		}
	}
	if len(data) > 0 {
		metadata := make(map[string]any, len(d.Metadata)) // nbformat rejects null
		for key, value := range d.Metadata {
			metadata[key] = plain(value)
		}
		p.sink.Display(data, metadata, d.DisplayID)
	}
	for _, request := range inputs {
		p.ask(request)
	}
	for _, id := range syncs {
		if err := p.display.acknowledge(id); err != nil {
			p.log.Warn("a sync could not be acknowledged", "err", err)
		}
	}
}

// ignoreComm says once that widgets are not for this kernel: a program that
// waits for one waits for ever.
func (p *pump) ignoreComm(address string) {
	if !p.commTold {
		p.commTold = true
		p.log.Info("a widget message is ignored", "address", address)
		p.notice("gonbui/comms and gonbui/widgets get no values here: they want a script of GoNB's in the page. Ask with fmt.Scanln instead.")
	}
}

// notice tells the learner something on the program's standard error.
func (p *pump) notice(format string, args ...any) {
	p.sink.Write(streamNames[slotStderr], fmt.Appendf(nil, format+"\n", args...))
}
