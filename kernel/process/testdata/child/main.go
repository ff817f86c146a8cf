// Command child behaves in the way that its first argument names. The tests of
// kernel/process run it.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	what, args := os.Args[1], os.Args[2:]
	number := func(i int) int {
		n, err := strconv.Atoi(args[i])
		check(err)
		return n
	}
	switch what {
	case "hello":
		wd, err := os.Getwd()
		check(err)
		fmt.Printf("out %s %q %s\n", strings.Join(args[1:], ","), os.Getenv("COLOUR"), wd)
		fmt.Fprintln(os.Stderr, "err")
		os.Exit(number(0))
	case "nothing":
	case "environ":
		fmt.Println(strings.Join(os.Environ(), "\n"))
	case "flood": // so many bytes to standard output and as many to standard error
		out, errs := bytes.Repeat([]byte("o"), 1<<20), bytes.Repeat([]byte("e"), 1<<20)
		for range number(0) {
			os.Stdout.Write(out)
			os.Stderr.Write(errs)
		}
	case "allocate":
		b := make([]byte, number(0)<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		fmt.Println(len(b), b[len(b)/2])
	case "busy": // uses CPU time
		x := 0
		for i := range number(0) * 1_000_000 {
			x += i * i
		}
		fmt.Println(x)
	case "cat":
		b, err := io.ReadAll(os.Stdin)
		fmt.Println(len(b), err)
	case "greet": // asks so many times for a name
		in := bufio.NewScanner(os.Stdin)
		for range number(0) {
			fmt.Fprintln(os.Stderr, "asking")
			fmt.Print("your ", "name? ")
			if !in.Scan() {
				fmt.Println("nobody", in.Err())
				break
			}
			fmt.Printf("hello %s\n", in.Text())
		}
	case "readers": // so many goroutines read a line each
		lines := make(chan string)
		for range number(0) {
			go func() {
				b := make([]byte, 100)
				n, _ := os.Stdin.Read(b)
				lines <- string(b[:n])
			}()
		}
		for range number(0) {
			fmt.Print(<-lines)
		}
	case "until-enter": // works until somebody presses enter
		enter := make(chan struct{})
		go func() {
			bufio.NewReader(os.Stdin).ReadString('\n')
			close(enter)
		}()
		tick := time.NewTicker(time.Millisecond)
		for i := 0; ; i++ {
			select {
			case <-tick.C:
				fmt.Println("tick", i)
			case <-enter:
				fmt.Println("stopped")
				return
			}
		}
	case "leave-asking": // ends while a goroutine reads
		go os.Stdin.Read(make([]byte, 1))
		for {
			time.Sleep(time.Millisecond)
			if text, _ := os.ReadFile(args[0]); len(text) > 0 {
				return
			}
		}
	case "shell": // a grandchild reads
		cmd := exec.Command("sh", "-c", "printf 'what? '; read x; echo got $x")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		check(cmd.Run())
	case "sleep":
		time.Sleep(time.Duration(number(0)) * time.Millisecond)
	case "descriptors":
		entries, err := os.ReadDir("/proc/self/fd")
		check(err)
		for _, e := range entries {
			target, err := os.Readlink("/proc/self/fd/" + e.Name())
			if err == nil && !runtimeFile(target) {
				fmt.Println(e.Name(), target)
			}
		}
	case "files": // opens so many files, or as many as it may
		var open []*os.File
		for range number(0) {
			f, err := os.Open(os.DevNull)
			if err != nil {
				break
			}
			open = append(open, f)
		}
		fmt.Println(len(open) > 100)
	case "control":
		f := os.NewFile(3, "control")
		f.Write([]byte("exit:"))
		f.Write(bytes.Repeat([]byte("c"), number(0)))
		fmt.Println("written")
	case "close": // closes its streams, and ends when a grandchild lets it
		cmd := self("nothing")
		os.Stdout.Close()
		os.Stderr.Close()
		os.NewFile(3, "control").Close()
		cmd.Stdout, cmd.Stderr = nil, nil
		if err := cmd.Run(); err != nil {
			os.Exit(99)
		}
		os.Exit(7)
	case "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "panic":
		fmt.Println("before")
		panic("boom")
	case "block": // until it is interrupted
		go forever() // or the runtime would call it a deadlock
		fmt.Println("ready")
		<-make(chan int)
	case "graceful":
		c := make(chan os.Signal, 1)
		signal.Notify(c, os.Interrupt)
		fmt.Println("ready")
		fmt.Println("got", <-c)
	case "deaf":
		signal.Ignore(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP)
		fmt.Println("ready")
		forever()
	case "deaf-family": // as deaf, with a grandchild and its child
		signal.Ignore(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP)
		fmt.Println("pid", os.Getpid())
		check(self(args...).Run())
		forever()
	case "crowd": // many goroutines: a long dump
		for range number(0) {
			go func() { select {} }()
		}
		fmt.Println("ready")
		forever()
	case "leave": // leaves a grandchild in its group
		fmt.Println("pid", start(self("hold")))
		os.Exit(5)
	case "escape": // leaves a grandchild in a session of its own
		cmd := self("hold")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		fmt.Println("pid", start(cmd))
	case "hold": // holds what it inherited, and says when it does
		fmt.Println("holding")
		os.NewFile(4, "ready").Close()
		forever()
	case "family": // for the death of the kernel
		fmt.Println("pid", os.Getpid())
		fmt.Println("pid", start(self("hold")))
		forever()
	default:
		fmt.Fprintln(os.Stderr, "child: unknown behaviour", what)
		os.Exit(2)
	}
}

// forever is a wait that the runtime doesn't take for a deadlock.
func forever() {
	for {
		time.Sleep(time.Hour)
	}
}

// runtimeFile reports what Go's runtime and this program open themselves.
func runtimeFile(target string) bool {
	return strings.HasPrefix(target, "anon_inode:") || strings.HasPrefix(target, "/proc/") || strings.HasPrefix(target, "/sys/")
}

// self is this program with other arguments and the same streams.
func self(args ...string) *exec.Cmd {
	path, err := os.Executable()
	check(err)
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd
}

// start starts cmd, waits until it holds its streams, and returns its number.
func start(cmd *exec.Cmd) int {
	r, w, err := os.Pipe()
	check(err)
	cmd.ExtraFiles = []*os.File{os.NewFile(3, "control"), w}
	check(cmd.Start())
	w.Close()
	bufio.NewReader(r).ReadByte() // its end
	return cmd.Process.Pid
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(98)
	}
}
