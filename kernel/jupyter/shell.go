package jupyter

import (
	"context"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"gopark/kernel/zmtp"
)

// askFor is how long the kernel may think about a completion or inspection.
const askFor = 10 * time.Second

// object is the content of a message.
type object = map[string]any

// An ask is a question about code, answered on a goroutine of its own, because
// it may take long and must hold up neither cells nor other requests.
type ask struct {
	r      *request
	answer func(context.Context) object
}

// onShell handles a request on the shell channel.
func (s *Server) onShell(r *request) {
	if r.subshell != "" && s.subshells.find(r.subshell) == nil {
		s.lost(r, errNoSubshell(r.subshell))
		return
	}
	switch r.kind {
	case "execute_request":
		if err := s.subshells.add(r); err != nil {
			s.lost(r, err)
		}
	case "complete_request":
		s.ask(r, s.complete(r))
	case "inspect_request":
		s.ask(r, s.inspect(r))
	case "is_complete_request":
		s.answer(s.shell, r, "is_complete_reply", func() object { return s.isComplete(r) })
	case "history_request":
		s.answer(s.shell, r, "history_reply", func() object { return s.recall(r) })
	case "comm_info_request":
		s.answer(s.shell, r, "comm_info_reply", func() object { return object{"status": "ok", "comms": object{}} })
	case "comm_open":
		s.answer(s.shell, r, "", func() object { s.refuseComm(r); return nil })
	default:
		s.onBoth(s.shell, r)
	}
}

// onControl handles a request on the control channel.
func (s *Server) onControl(r *request) {
	switch r.kind {
	case "interrupt_request":
		s.answer(s.control, r, "interrupt_reply", func() object { return s.interrupt(r) })
	case "usage_request":
		s.answer(s.control, r, "usage_reply", s.usage.reply)
	case "debug_request":
		s.answer(s.control, r, "debug_reply", func() object { return noDebugger(r) })
	case "create_subshell_request", "delete_subshell_request", "list_subshell_request":
		s.answer(s.control, r, replyKind(r), func() object { return s.onSubshell(r) })
	default:
		s.onBoth(s.control, r)
	}
}

// onBoth handles what is allowed on shell and on control.
func (s *Server) onBoth(socket *zmtp.Router, r *request) {
	switch r.kind {
	case "kernel_info_request":
		s.answer(socket, r, "kernel_info_reply", s.info)
	case "connect_request":
		s.answer(socket, r, "connect_reply", func() object {
			reply := object{"status": "ok"}
			for _, c := range s.conn.channels() {
				reply[c.name] = *c.port
			}
			return reply
		})
	case "shutdown_request":
		var q struct{ Restart bool }
		s.answer(socket, r, "shutdown_reply", func() object {
			if err := r.decode(&q); err != nil {
				s.log.Warn("shut down by a malformed request", "err", err)
			}
			reply := object{"status": "ok", "restart": q.Restart}
			s.iopub.publish("shutdown_reply", "shutdown_reply", r.header, reply)
			return reply
		})
		s.stop(q.Restart)
	case "comm_msg", "comm_close": // of a comm that was refused
		s.answer(socket, r, "", func() object { return nil })
	default:
		s.answer(socket, r, "", func() object {
			s.log.Info("ignored a request", "type", r.kind)
			return nil
		})
	}
}

// noDebugger answers a request to a debugger, which is one of the Debug Adapter
// Protocol inside, in the ways of both protocols: there is none.
func noDebugger(r *request) object {
	const why = "this kernel has no debugger"
	var q struct {
		Seq     int    `json:"seq"`
		Command string `json:"command"`
	}
	if err := r.decode(&q); err != nil {
		return malformed(err)
	}
	content := failed("NotSupported", why)
	content["type"], content["seq"], content["request_seq"] = "response", 0, q.Seq
	content["success"], content["command"], content["message"] = false, q.Command, why
	return content
}

// answer brackets a request with busy and idle and sends the reply that handle
// returns, if replyKind is not empty.
func (s *Server) answer(socket *zmtp.Router, r *request, replyKind string, handle func() object) {
	s.iopub.busy(r, false)
	defer s.iopub.idle(r, false)
	content := s.guard(r, handle)
	if replyKind != "" {
		s.reply(socket, r, replyKind, nil, content)
	}
}

// guard calls handle and turns a panic into an error reply: a mistake in one
// answer must not cost the learner a session.
func (s *Server) guard(r *request, handle func() object) (content object) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic in an answer", "type", r.kind, "panic", p, "stack", string(debug.Stack()))
			content = failed("InternalError", "the kernel has a bug; its log says more")
		}
	}()
	return handle()
}

// failed is the content of a reply that reports an error.
func failed(name, value string) object {
	return object{"status": "error", "ename": name, "evalue": value, "traceback": []string{}}
}

// malformed is the content of the reply to a request whose content is not
// what the protocol says.
func malformed(err error) object { return failed("MalformedRequest", err.Error()) }

// reply answers r on the connection that it came by or, when that is gone, on
// a newer one of the same front end.
func (s *Server) reply(socket *zmtp.Router, r *request, kind string, metadata object, content object) {
	m, _, err := s.wire.message(kind, r.header, metadata, content)
	if err != nil {
		s.log.Error("cannot reply", "err", err)
		if m, _, err = s.wire.message(kind, r.header, nil, failed("InternalError", err.Error())); err != nil {
			return
		}
	}
	m = append(append(zmtp.Message{}, r.idents...), m...)
	if r.from.Send(m) == nil {
		return
	}
	now, cancel := context.WithCancel(s.ctx)
	cancel() // a front end that has left altogether is not waited for
	if err := socket.Send(now, r.from.ID(), m); err != nil {
		s.log.Info("nobody to reply to", "type", kind)
	}
}

// ask queues a question for askAll. When it has too many, the connection that
// asks waits.
func (s *Server) ask(r *request, answer func(context.Context) object) {
	select {
	case s.asks <- ask{r, answer}:
	case <-s.ctx.Done():
	}
}

// askAll answers questions about code, until ctx ends.
func (s *Server) askAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-s.asks:
			kind := replyKind(a.r)
			s.answer(s.shell, a.r, kind, func() object {
				ctx, cancel := context.WithTimeout(ctx, askFor)
				defer cancel()
				return a.answer(ctx)
			})
		}
	}
}

// replyKind returns the type of the reply to r; empty when r is no request.
func replyKind(r *request) string {
	what, ok := strings.CutSuffix(r.kind, "_request")
	if !ok {
		return ""
	}
	return what + "_reply"
}

func (s *Server) info() object {
	info := s.kernel.Info()
	features := slices.Clone(info.Features)
	if info.Subshells && !slices.Contains(features, subshellFeature) {
		features = append(features, subshellFeature)
	}
	return object{
		"status":                 "ok",
		"protocol_version":       protocolVersion,
		"implementation":         info.Implementation,
		"implementation_version": info.Version,
		"language_info":          info.Language,
		"banner":                 info.Banner,
		"help_links":             orEmpty(info.HelpLinks),
		"supported_features":     orEmpty(features),
	}
}

// orEmpty returns a list that is written [] and not null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// orNone returns a map that is written {} and not null.
func orNone(m object) object {
	if m == nil {
		return object{}
	}
	return m
}

func (s *Server) complete(r *request) func(context.Context) object {
	return func(ctx context.Context) object {
		var q struct {
			Code   string `json:"code"`
			Cursor *int   `json:"cursor_pos"`
		}
		if err := r.decode(&q); err != nil {
			return malformed(err)
		}
		reply := s.kernel.Complete(ctx, q.Code, cursor(q.Code, q.Cursor))
		return object{
			"status":       "ok",
			"matches":      orEmpty(reply.Matches),
			"cursor_start": reply.Start,
			"cursor_end":   reply.End,
			"metadata":     orNone(reply.Metadata),
		}
	}
}

func (s *Server) inspect(r *request) func(context.Context) object {
	return func(ctx context.Context) object {
		var q struct {
			Code   string `json:"code"`
			Cursor *int   `json:"cursor_pos"`
			Detail int    `json:"detail_level"`
		}
		if err := r.decode(&q); err != nil {
			return malformed(err)
		}
		reply := s.kernel.Inspect(ctx, q.Code, cursor(q.Code, q.Cursor), q.Detail)
		return object{
			"status":   "ok",
			"found":    reply.Found,
			"data":     orNone(reply.Data),
			"metadata": orNone(reply.Metadata),
		}
	}
}

// cursor returns an offset that lies in code; a missing one is its end.
func cursor(code string, at *int) int {
	end := len([]rune(code))
	if at == nil {
		return end
	}
	return min(max(0, *at), end)
}

func (s *Server) isComplete(r *request) object {
	var q struct{ Code string }
	if err := r.decode(&q); err != nil {
		return malformed(err)
	}
	reply := s.kernel.IsComplete(s.ctx, q.Code)
	content := object{"status": reply.Status}
	if reply.Status == "incomplete" {
		content["indent"] = reply.Indent
	}
	return content
}

func (s *Server) recall(r *request) object {
	var q historyRequest
	if err := r.decode(&q); err != nil {
		return malformed(err)
	}
	return object{"status": "ok", "history": s.history.find(q)}
}

// refuseComm closes a comm that a front end opens: there are no targets.
func (s *Server) refuseComm(r *request) {
	var q struct {
		ID string `json:"comm_id"`
	}
	if err := r.decode(&q); err != nil || q.ID == "" {
		s.log.Warn("comm_open without a comm_id")
		return
	}
	s.iopub.publish("comm_close", "comm_close", r.header, object{"comm_id": q.ID, "data": object{}})
}
