package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"gopark/kernel/jupyter"
	"gopark/kernel/notebook"
	"gopark/kernel/session"
)

// A server's kernel: jupyter.Kernel on a session. Neither package knows the
// other.
type servedSession struct {
	*session.Session
	info jupyter.Info
	warm func()       // starts what draws charts, if it does not run
	stop func()       // ends what runs, at once
	free func() error // closes the session, when nothing runs
	busy sync.RWMutex // read-locked while a cell runs: several may
}

func (k *servedSession) Info() jupyter.Info { return k.info }

func (k *servedSession) Execute(ctx context.Context, req jupyter.ExecuteRequest, out jupyter.Publisher) jupyter.ExecuteReply {
	k.busy.RLock()
	defer k.busy.RUnlock()
	// A second of work and 80 MB, which the first chart need not wait for, nor a
	// class of kernels pay that draws none.
	if strings.Contains(req.Code, "helpers") {
		k.warm()
	}
	r := k.Session.Execute(ctx, session.Request{Code: req.Code, Count: req.Count, UserExpressions: req.UserExpressions}, out)
	reply := jupyter.ExecuteReply{Metadata: map[string]any{"gopark": r.Report.Metadata()}}
	if r.Page != nil {
		reply.Payload = []map[string]any{{"source": "page", "start": 0, "data": r.Page}}
	}
	if f := r.Failure; f != nil {
		reply.Failure = &jupyter.Failure{Name: f.Name, Value: f.Value, Traceback: f.Traceback}
	}
	for name, e := range r.Expressions {
		if reply.UserExpressions == nil {
			reply.UserExpressions = map[string]any{}
		}
		if f := e.Failure; f != nil {
			reply.UserExpressions[name] = map[string]any{"status": "error", "ename": f.Name, "evalue": f.Value, "traceback": f.Traceback}
		} else {
			reply.UserExpressions[name] = map[string]any{"status": "ok", "data": e.Data, "metadata": map[string]any{}}
		}
	}
	return reply
}

func (k *servedSession) Complete(ctx context.Context, code string, cursor int) jupyter.CompleteReply {
	c := k.Session.Complete(ctx, code, cursor)
	reply := jupyter.CompleteReply{Start: c.Start, End: c.End}
	// JupyterLab and the notebook read kinds and signatures from here.
	types := []map[string]any{}
	for _, s := range c.Suggestions {
		reply.Matches = append(reply.Matches, s.Text)
		types = append(types, map[string]any{"start": c.Start, "end": c.End, "text": s.Text, "type": s.Kind, "signature": s.Signature})
	}
	reply.Metadata = map[string]any{"_jupyter_types_experimental": types}
	return reply
}

func (k *servedSession) Inspect(ctx context.Context, code string, cursor, detail int) jupyter.InspectReply {
	i := k.Session.Inspect(ctx, code, cursor, detail > 0)
	return jupyter.InspectReply{Found: i.Found, Data: i.Data}
}

func (k *servedSession) IsComplete(_ context.Context, code string) jupyter.IsCompleteReply {
	status, indent := k.Session.IsComplete(code)
	return jupyter.IsCompleteReply{Status: string(status), Indent: indent}
}

// Shutdown ends all at once: there is less than a second for it, and on a busy
// machine each of them takes its time.
func (k *servedSession) Shutdown(bool) {
	var stopping sync.WaitGroup
	stopping.Go(k.stop)
	k.busy.Lock()
	defer k.busy.Unlock()
	k.free()
	stopping.Wait()
}

// A runner's kernel: notebook.Kernel on a session.
type headlessSession struct{ *session.Session }

func (k headlessSession) Execute(ctx context.Context, req notebook.Request, out session.Publisher) notebook.Reply {
	started := time.Now()
	r := k.Session.Execute(ctx, session.Request{Code: req.Code, Count: req.Count}, out)
	reply := notebook.Reply{Status: "ok", ExitStatus: r.ExitStatus, Metadata: map[string]any{"started": started, "gopark": r.Report.Metadata(), "report": r.ReportText()}}
	if r.Page != nil {
		out.Display(r.Page, map[string]any{}, "") // there is no pager
	}
	if f := r.Failure; f != nil {
		reply.Status, reply.Name, reply.Value, reply.Traceback = "error", f.Name, f.Value, f.Traceback
	}
	return reply
}
