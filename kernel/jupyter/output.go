package jupyter

import (
	"context"
	"strings"
	"sync"
)

// An output is the Publisher of one cell.
type output struct {
	s   *Server
	ctx context.Context
	r   *request
	req ExecuteRequest

	mu     sync.Mutex
	ended  bool
	failed bool
	result *string // as text, for the history
}

// maxRemembered bounds the text of a result in the history, in bytes.
const maxRemembered = 64 << 10

// publish sends a message about the cell, unless the cell has ended.
func (o *output) publish(topic, kind string, content any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		o.s.log.Error("a cell published something after its end", "type", kind)
		return
	}
	o.s.iopub.publish(topic, kind, o.r.header, content)
}

// end ends the cell. A failure that the kernel has not shown is shown.
func (o *output) end(f *Failure) {
	if f != nil && !o.failed {
		o.Error(f.Name, f.Value, f.Traceback)
	}
	o.mu.Lock()
	o.ended = true
	o.mu.Unlock()
}

func (o *output) Stream(name, text string) {
	if text != "" {
		o.publish(streamTopic+name, "stream", streamContent{name, text})
	}
}

// transient names a display.
func transient(id string) object {
	if id == "" {
		return object{}
	}
	return object{"display_id": id}
}

func (o *output) Display(data, metadata map[string]any, id string) {
	o.publish("display_data", "display_data", object{"data": orNone(data), "metadata": orNone(metadata), "transient": transient(id)})
}

func (o *output) Update(data, metadata map[string]any, id string) {
	o.publish("update_display_data", "update_display_data", object{"data": orNone(data), "metadata": orNone(metadata), "transient": transient(id)})
}

func (o *output) Result(data, metadata map[string]any) {
	if o.req.Silent {
		return
	}
	if text, ok := data["text/plain"].(string); ok {
		if len(text) > maxRemembered {
			text = strings.ToValidUTF8(text[:maxRemembered], "")
		}
		o.result = &text
	}
	o.publish("execute_result", "execute_result", object{"execution_count": o.req.Count, "data": orNone(data), "metadata": orNone(metadata)})
}

func (o *output) Error(name, value string, traceback []string) {
	o.failed = true
	o.publish("error", "error", object{"ename": name, "evalue": value, "traceback": orEmpty(traceback)})
}

func (o *output) Clear(wait bool) {
	o.publish("clear_output", "clear_output", object{"wait": wait})
}

func (o *output) Input(ctx context.Context, prompt string, password bool) (string, error) {
	if !o.req.AllowStdin {
		return "", ErrStdinNotAllowed
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(o.ctx, func() { cancel(context.Cause(o.ctx)) })()
	return o.s.prompts.ask(ctx, o.s, o.r, prompt, password)
}
