package zmtp

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// router starts a Router whose handler is given, closed when the test ends.
func router(t testing.TB, h Handler, opts Options) *Router {
	t.Helper()
	r, err := ListenRouter("tcp", "127.0.0.1:0", h, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// xpub starts an XPub, closed when the test ends.
func xpub(t testing.TB, pub Publication, opts Options) *XPub {
	t.Helper()
	x, err := ListenXPub("tcp", "127.0.0.1:0", pub, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

// echo answers every message on the connection that it came by.
func echo(from *Peer, m Message) bool { return from.Send(m) == nil }

// unixPath returns a short path for a socket, as the system demands.
func unixPath(t testing.TB, name string) string {
	t.Helper()
	return filepath.Join(t.TempDir(), name)
}
