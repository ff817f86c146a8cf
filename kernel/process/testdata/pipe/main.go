// Command pipe speaks the display pipe's protocol with nothing but the
// standard library. The tests of kernel/process run it.
package main

import (
	"encoding/gob"
	"fmt"
	"math"
	"math/rand"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type displayData struct {
	Data      map[string]any
	Metadata  map[string]any
	DisplayID string
}

type commValue struct {
	Address string
	Request bool
	Value   any
}

type inputRequest struct {
	Prompt   string
	Password bool
}

type commSubscription struct {
	Address     string
	Unsubscribe bool
}

type client struct {
	out  *os.File
	enc  *gob.Encoder
	dec  *gob.Decoder
	next int
}

func open() *client {
	const protocol = "github.com/janpfeifer/gonb/gonbui/protocol."
	gob.RegisterName(protocol+"CommValue", commValue{})
	gob.RegisterName(protocol+"InputRequest", inputRequest{})
	gob.RegisterName(protocol+"CommSubscription", commSubscription{})
	gob.Register(map[string]any{})
	gob.Register([]any{})
	out, err := os.OpenFile(os.Getenv("GONB_PIPE"), os.O_WRONLY, 0)
	check(err)
	back, err := os.Open(os.Getenv("GONB_PIPE_BACK"))
	check(err)
	return &client{out: out, enc: gob.NewEncoder(out), dec: gob.NewDecoder(back)}
}

func (c *client) send(data map[string]any, id string) {
	check(c.enc.Encode(displayData{Data: data, DisplayID: id}))
}

func (c *client) text(s string) { c.send(map[string]any{"text/plain": s}, "") }

func (c *client) sync() {
	c.next++
	c.send(map[string]any{"gonb/comm_value": commValue{Address: "#gonbui/sync", Value: c.next}}, "")
	var ack commValue
	check(c.dec.Decode(&ack))
	if ack.Address != "#gonbui/sync_ack" || ack.Value != c.next {
		check(fmt.Errorf("unexpected answer %+v to sync %d", ack, c.next))
	}
}

func main() {
	what, args := os.Args[1], os.Args[2:]
	switch what {
	case "interleave": // the test knows the same sequence by the same seed
		c := open()
		seed, err := strconv.ParseInt(args[0], 10, 64)
		check(err)
		n, err := strconv.Atoi(args[1])
		check(err)
		random := rand.New(rand.NewSource(seed))
		for i := range n {
			switch random.Intn(3) {
			case 0:
				fmt.Printf("o%d\n", i)
			case 1:
				fmt.Fprintf(os.Stderr, "e%d\n", i)
			case 2:
				c.text("d" + strconv.Itoa(i))
				if args[2] == "wait" {
					c.sync()
				}
			}
		}
		c.sync()
	case "wide": // a pipe much bigger than usual, and full
		c := open()
		const setPipeSize = 1031 // F_SETPIPE_SZ, Linux alone; elsewhere this fails and the pipe is as usual
		syscall.Syscall(syscall.SYS_FCNTL, 1, setPipeSize, 1<<20)
		os.Stdout.Write([]byte(strings.Repeat("x", 1000_000)))
		c.text("after")
		c.sync()
	case "rich":
		c := open()
		c.send(map[string]any{
			"application/json":            map[string]any{"a": []any{1.5, math.Inf(1), nil, "x"}, "n": 3},
			"application/vnd.x.y+json":    `{"from": ["text"]}`,
			"application/geo+json; v=1":   []byte(`5`),
			"image/png":                   []byte{0x89, 'P', 'N', 'G'},
			"image/svg+xml":               []byte("<svg/>"),
			"text/html":                   "<b>bold</b>",
			"application/vnd.plain+json":  "just a string",
			"text/plain":                  42,
			"application/octet-stream; x": []byte{0},
		}, "chart-1")
		c.sync()
	case "comms": // what a widget would send
		c := open()
		c.send(map[string]any{"gonb/comm_value": commValue{Address: "#comms/start"}}, "")
		c.send(map[string]any{"gonb/comm_subscribe": commSubscription{Address: "/slider"}}, "")
		c.text("shown")
		c.sync()
	case "syncs": // without reading the answers
		c := open()
		for i := range 60_000 {
			c.send(map[string]any{"gonb/comm_value": commValue{Address: "#gonbui/sync", Value: i}}, "")
		}
		fmt.Println("sent")
	case "last": // ends without waiting
		c := open()
		for i := range 50 {
			c.text(strconv.Itoa(i))
		}
	case "big":
		c := open()
		c.text("small")
		c.text(strings.Repeat("x", 17<<20))
		c.text(strings.Repeat("y", 15<<20))
		c.sync()
		fmt.Println("done")
	case "half": // dies in the middle of a display
		c := open()
		c.text("whole")
		c.out.Write([]byte{0xfe, 0x40, 0x00, 1, 2, 3})
	case "garbage":
		c := open()
		c.text("before")
		c.out.WriteString(strings.Repeat("this is no display ", 20))
		fmt.Println("after")
		for args[0] == "block" {
			time.Sleep(time.Hour)
		}
	case "two": // a second process inherits the variables
		c := open()
		c.text("first")
		c.sync()
		path, err := os.Executable()
		check(err)
		second := exec.Command(path, "last")
		second.Run() // its pipe may or may not be closed under its hands
		fmt.Println("goes on")
	case "input":
		c := open()
		fmt.Print("Who? ")
		c.send(map[string]any{"gonb/jupyter_input": inputRequest{Prompt: "name", Password: true}}, "")
		if args[0] == "leave" {
			return
		}
		var name string
		_, err := fmt.Scanln(&name)
		fmt.Printf("hello %s %v\n", name, err)
	default:
		check(fmt.Errorf("unknown behaviour %s", what))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "pipe:", err)
		os.Exit(98)
	}
}
