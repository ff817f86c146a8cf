package check_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gopark/helpers/check"
)

// This test binary is also the programs that it tests: a check starts the
// program itself again, and so do the tests, with the name of a program in the
// environment.
const envProgram = "CHECK_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if name, ok := os.LookupEnv(envProgram); ok {
		programs[name]()
		return
	}
	goleak.VerifyTestMain(m)
}

// fetchAll makes a program that checks a solution of FetchAll.
func fetchAll(solution func(ids []int, fetch func(id int) string) []string) func() {
	return func() {
		fmt.Println("printed by the cell")
		check.FetchAll(solution)
	}
}

// What endless solutions touch, so that no compiler and no tool takes them away.
var (
	sink  int
	hoard [][]byte
	stop  bool
)

var programs = map[string]func(){
	"right": fetchAll(right),
	"panics": fetchAll(func(ids []int, fetch func(id int) string) []string {
		return make([]string, len(ids))[:len(ids)+1]
	}),
	"panics in a goroutine": fetchAll(func(ids []int, fetch func(id int) string) []string {
		done := make(chan bool)
		go func() { panic("<script>no bike</script>") }()
		<-done
		return nil
	}),
	"panics only without ids": fetchAll(func(ids []int, fetch func(id int) string) []string {
		_ = ids[:1][0]
		return right(ids, fetch)
	}),
	"panics with an error": fetchAll(func([]int, func(int) string) []string { panic(fmt.Errorf("an error:\nof two lines")) }),
	"exits":                fetchAll(func([]int, func(int) string) []string { os.Exit(0); return nil }),
	"gives up":             fetchAll(func([]int, func(int) string) []string { log.Fatal("I give up"); return nil }),
	"goexit":               fetchAll(func([]int, func(int) string) []string { runtime.Goexit(); return nil }),
	"never ends": fetchAll(func([]int, func(int) string) []string {
		for {
			sink++
		}
	}),
	"never ends in a goroutine": fetchAll(func(ids []int, _ func(int) string) []string {
		go func() {
			for {
				sink++
			}
		}()
		time.Sleep(time.Second)
		return make([]string, len(ids))
	}),
	"starts goroutines without end": fetchAll(func([]int, func(int) string) []string {
		for {
			go func() { select {} }()
		}
	}),
	"keeps everything": fetchAll(func([]int, func(int) string) []string {
		for {
			hoard = append(hoard, make([]byte, 1<<20))
		}
	}),
	"polls for ever": fetchAll(func([]int, func(int) string) []string {
		for {
			time.Sleep(time.Millisecond)
		}
	}),
	"waits for itself": fetchAll(func([]int, func(int) string) []string { <-make(chan int); return nil }),
	"waits for nil":    fetchAll(func([]int, func(int) string) []string { var c chan int; <-c; return nil }),
	"holds a lock": fetchAll(func(ids []int, fetch func(id int) string) []string {
		answers := make([]string, len(ids))
		var mu sync.Mutex
		var wg sync.WaitGroup
		for k, id := range ids {
			wg.Go(func() {
				mu.Lock()
				defer mu.Unlock()
				answers[k] = fetch(id)
			})
		}
		wg.Wait()
		return answers
	}),
	"leaves one": fetchAll(func(ids []int, fetch func(id int) string) []string {
		go func() { <-make(chan int) }()
		return right(ids, fetch)
	}),
	"leaves a ticker": fetchAll(func(ids []int, fetch func(id int) string) []string {
		go func() {
			for range time.Tick(time.Second) {
			}
		}()
		return right(ids, fetch)
	}),
	"writes a map together": fetchAll(func(ids []int, fetch func(id int) string) []string {
		m := map[int]int{}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for i := range 100000 {
					m[i%10]++
				}
			})
		}
		wg.Wait()
		return right(ids, fetch)
	}),
	"calls itself": fetchAll(func(ids []int, fetch func(id int) string) []string { return deeper(ids, fetch) }),
	"prints": fetchAll(func(ids []int, fetch func(id int) string) []string {
		fmt.Println("I have <b>", len(ids), "</b> ids")
		return nil
	}),
	"prints without end": fetchAll(func(ids []int, fetch func(id int) string) []string {
		for range 5000 {
			fmt.Println("all work and no play")
		}
		return nil
	}),
	"appends": fetchAll(func(ids []int, fetch func(id int) string) []string {
		var answers []string
		var wg sync.WaitGroup
		for _, id := range ids {
			wg.Go(func() { answers = append(answers, fetch(id)) })
		}
		wg.Wait()
		return answers
	}),
	"two checks": func() {
		check.Add(func(a, b int) int { return a - b })
		check.FetchAll(right)
	},
	"exits before the check": func() {
		if os.Getenv("GOPARK_CHECK_ORDER") != "" {
			return
		}
		check.FetchAll(right)
	},
	"hints": func() {
		for range 3 {
			check.Hint("FetchAll")
		}
		check.Hint("FetchNone")
		check.Add(func(a, b int) int { return a + b })
		check.Progress()
		check.ResetProgress()
		check.Progress()
	},
}

func deeper(ids []int, fetch func(id int) string) []string {
	if stop {
		return nil
	}
	return append(deeper(ids, fetch), "")
}

func right(ids []int, fetch func(id int) string) []string {
	answers := make([]string, len(ids))
	var wg sync.WaitGroup
	for k, id := range ids {
		wg.Go(func() { answers[k] = fetch(id) })
	}
	wg.Wait()
	return answers
}

// run runs a program in a new folder, and returns what it printed.
func run(t *testing.T, dir, name string, env ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), envProgram+"="+name, "GONB_PIPE=", "GONB_PIPE_BACK=", "GORACE=atexit_sleep_ms=0")
	cmd.Env = append(cmd.Env, env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out.String())
	}
	return out.String()
}

// judged runs a program and returns its results: GOPARK_CHECK_RESULT makes a
// program without a notebook write them.
func judged(t *testing.T, name string, env ...string) []check.Result {
	t.Helper()
	dir := t.TempDir()
	text := run(t, dir, name, append(env, "GOPARK_CHECK_RESULT=result.json")...)
	data, err := os.ReadFile(dir + "/result.json")
	if err != nil {
		t.Fatalf("%v; it printed\n%s", err, text)
	}
	var all []check.Result
	for line := range strings.Lines(string(data)) {
		var r check.Result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}
