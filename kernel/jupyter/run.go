package jupyter

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// Run is the whole life of a kernel: it reads the connection file, listens, and
// serves k, as [Server.Run] does. Warnings go to log, which may be nil.
func Run(ctx context.Context, connectionFile string, k Kernel, log *slog.Logger) error {
	conn, err := ReadConnection(connectionFile)
	if err != nil {
		return err
	}
	s, err := Listen(conn, log)
	if err != nil {
		return err
	}
	return s.Run(ctx, k)
}

// Run is Serve for a process that is nothing but a kernel. SIGINT interrupts
// what runs: a terminal's Ctrl-C reaches the whole process group, and means the
// cell. SIGTERM, the end of the process that started the kernel, and the end of
// ctx are orderly ends, for which it returns nil, as for a shutdown request.
func (s *Server) Run(ctx context.Context, k Kernel) error {
	ctx, stop := WithParent(ctx, ParentPID())
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	served, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case which := <-signals:
				if which == syscall.SIGTERM {
					cancel()
				} else {
					s.Interrupt()
				}
			case <-served:
				return
			}
		}
	}()
	err := s.Serve(ctx, k)
	signal.Stop(signals)
	close(served)
	<-watched
	if errors.Is(err, ErrParentGone) || errors.Is(err, context.Canceled) {
		s.log.Info("the kernel ends", "because", err)
		return nil
	}
	return err
}

// Simple gives a kernel the methods that it may do without: embed it, and write
// Info and Execute. It completes nothing, describes nothing, takes all code for
// complete, and holds nothing that a shutdown would have to release.
type Simple struct{}

func (Simple) Complete(_ context.Context, _ string, cursor int) CompleteReply {
	return CompleteReply{Start: cursor, End: cursor}
}

func (Simple) Inspect(context.Context, string, int, int) InspectReply { return InspectReply{} }

func (Simple) IsComplete(context.Context, string) IsCompleteReply {
	return IsCompleteReply{Status: "complete"}
}

func (Simple) Shutdown(restart bool) {}
