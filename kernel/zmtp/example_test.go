package zmtp_test

import (
	"fmt"
	"net"
	"time"

	"gopark/kernel/zmtp"
)

// A ROUTER that answers each message with the same frames, as a Jupyter
// heartbeat does. The handler runs on the goroutine of the connection that sent
// the message; false says that it does not vouch for the sender.
func ExampleListenRouter() {
	router, err := zmtp.ListenRouter("tcp", "127.0.0.1:0", func(from *zmtp.Peer, m zmtp.Message) bool {
		return from.Send(m) == nil
	}, zmtp.Options{MaxFrame: 4 << 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer router.Close()
	_, ok := router.Addr().(*net.TCPAddr)
	fmt.Println("listens:", ok)
	// Output: listens: true
}

// An XPUB that greets each subscriber, and a publication for all that
// subscribed to the beginning of its first frame.
func ExampleListenXPub() {
	pub, err := zmtp.ListenXPub("tcp", "127.0.0.1:0", zmtp.Publication{
		Subscribed: func(topic string) []zmtp.Message {
			return []zmtp.Message{{[]byte(topic), []byte("welcome")}}
		},
	}, zmtp.Options{
		QueueSoft: 1 << 20, QueueFor: 5 * time.Second, // who stays a megabyte behind for so long is closed
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pub.Close()
	pub.Publish(zmtp.Message{[]byte("weather.rome"), []byte("sunny")})
}
