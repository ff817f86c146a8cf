package jupyter

import (
	"io"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

// TestUsage measures this process while it works and while a child holds
// memory.
func TestUsage(t *testing.T) {
	f := serve(t, &fake{}).open("front-end")
	first := f.ask("", "usage_request", object{})
	number := func(from map[string]any, key string) float64 {
		t.Helper()
		n, ok := from[key].(float64)
		if !ok {
			t.Errorf("%s is %v", key, from[key])
		}
		return n
	}
	host, _ := first["host_virtual_memory"].(map[string]any)
	if name, _ := os.Hostname(); first["hostname"] != name || number(first, "pid") != float64(os.Getpid()) ||
		number(first, "cpu_count") != float64(runtime.NumCPU()) || number(first, "kernel_cpu") != 0 {
		t.Errorf("%v", first)
	}
	if m := number(first, "kernel_memory"); m < 1<<20 || m > 10<<30 {
		t.Errorf("kernel_memory %v", m)
	}
	if total, free := number(host, "total"), number(host, "free"); total < free || free <= 0 {
		t.Errorf("host_virtual_memory %v", host)
	}
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: shares of CPU time, and children, are known on Linux only")
	}
	begin := time.Now()
	for time.Since(begin) < 2*usageEvery {
	}
	second := f.ask("", "usage_request", object{})
	if cpu := number(second, "kernel_cpu"); cpu <= 0 || cpu > 100*float64(runtime.NumCPU())+10 {
		t.Errorf("kernel_cpu %v after working", cpu)
	}
	if cpu := number(second, "host_cpu_percent"); cpu <= 0 || cpu > 100 {
		t.Errorf("host_cpu_percent %v", cpu)
	}
	// A child's memory counts. dd fills a buffer and then waits for a reader.
	child := exec.Command("dd", "if=/dev/zero", "bs=64M", "count=2")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	with := number(f.ask("", "usage_request", object{}), "kernel_memory")
	child.Process.Kill()
	child.Wait()
	if without := number(f.ask("", "usage_request", object{}), "kernel_memory"); with-without < 32<<20 {
		t.Errorf("%v bytes with a child of 64 MB, %v without", with, without)
	}
}

func TestShares(t *testing.T) {
	at := time.Unix(100, 0)
	s := func(n int) time.Duration { return time.Duration(n) * time.Second }
	before := reading{at: at, cpu: map[int]time.Duration{1: s(10), 2: s(50), 3: s(1)}, hostBusy: s(100), hostAll: s(1000)}
	now := reading{at: at.Add(s(10)), hostBusy: s(105), hostAll: s(1020),
		// 2 has gone, and its number was given to another; 4 is new.
		cpu: map[int]time.Duration{1: s(12), 2: s(3), 4: s(5)}}
	got := shares(before, now)
	if got["kernel_cpu"] != 100.0 || got["host_cpu_percent"] != 25.0 {
		t.Errorf("%v", got)
	}
	if got := shares(reading{}, now); got["kernel_cpu"] != 0.0 || got["host_cpu_percent"] != nil {
		t.Errorf("the first reading: %v", got)
	}
}

// TestDebugRequest is answered as both protocols want: there is no debugger.
func TestDebugRequest(t *testing.T) {
	f := serve(t, &fake{}).open("front-end")
	got := f.ask("", "debug_request", object{"type": "request", "seq": 7, "command": "initialize", "arguments": object{}})
	for key, want := range map[string]any{"type": "response", "request_seq": 7.0, "success": false, "command": "initialize",
		"status": "error", "ename": "NotSupported", "message": "this kernel has no debugger"} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	if got := f.ask("", "debug_request", object{"seq": "seven"}); got["ename"] != "MalformedRequest" {
		t.Errorf("a malformed one: %v", got)
	}
	if got := f.ask("", "connect_request", object{}); got["shell_port"] == nil {
		t.Errorf("connect_reply: %v", got)
	}
}
