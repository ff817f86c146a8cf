package zmtp

import (
	"net"
	"os/exec"
	"testing"

	"gopark/kernel/zmtp/zmtptest"
)

// TestLibzmq has libzmq's own sockets talk to ours, over TCP and over files.
func TestLibzmq(t *testing.T) {
	python := zmtptest.Python(t, "zmq")
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			address := func(name string) string {
				if network == "tcp" {
					return "127.0.0.1:0"
				}
				return unixPath(t, name)
			}
			x, err := ListenXPub(network, address("x"), welcome, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			r, err := ListenRouter(network, address("r"), func(from *Peer, m Message) bool {
				if string(m[0]) == "publish" {
					x.Publish(m[1:])
					return true
				}
				return echo(from, m)
			}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			out, err := exec.CommandContext(t.Context(), python, "testdata/peer.py", endpoint(r.Addr()), endpoint(x.Addr())).CombinedOutput()
			t.Logf("%s", out)
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// endpoint writes an address in ZeroMQ's manner.
func endpoint(a net.Addr) string {
	if a.Network() == "unix" {
		return "ipc://" + a.String()
	}
	return "tcp://" + a.String()
}
