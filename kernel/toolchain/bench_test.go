package toolchain

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// BenchmarkBuild measures a changed program, built directly and by plain
// `go build` in turns, and reports medians: the machine may be busy with
// other work, both see the same.
func BenchmarkBuild(b *testing.B) {
	const (
		small = `package main; import ("fmt"; "sync"; "time"); func main() { var wg sync.WaitGroup; wg.Wait(); fmt.Println(time.Now(), %) }`
		large = `package main; import ("fmt"; "net/http"); func main() { http.Get("x"); fmt.Println(%) }`
	)
	for _, bb := range []struct {
		name, text string
		kind       Kind
	}{{"fmt", small, Normal}, {"http", large, Normal}, {"race fmt", small, Race}, {"race http", large, Race}} {
		b.Run(bb.name, func(b *testing.B) {
			tc := prepared(b, bb.kind)
			m := newModule(b, tc)
			dir := b.TempDir()
			main := filepath.Join(dir, "main.go")
			if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module plain\n\ngo 1.26\n"), 0o600); err != nil {
				b.Fatal(err)
			}
			args := []string{"build", "-o", filepath.Join(dir, "out")}
			if bb.kind == Race {
				args = append(args, "-race")
			}
			var direct, plain, compile, link, cached []time.Duration
			round := func() {
				text := changed(bb.text)
				begin := time.Now()
				bin, err := m.Build(context.Background(), source1(text), Config{Kind: bb.kind})
				if err != nil || bin.Cached || bin.Fallback != "" {
					b.Fatal(bin, err)
				}
				direct = append(direct, time.Since(begin))
				compile, link = append(compile, bin.Compile), append(link, bin.Link)

				begin = time.Now()
				if bin, err = m.Build(context.Background(), source1(text), Config{Kind: bb.kind}); err != nil || !bin.Cached {
					b.Fatal(bin, err)
				}
				cached = append(cached, time.Since(begin))

				if err := os.WriteFile(main, []byte(changed(bb.text)), 0o600); err != nil {
					b.Fatal(err)
				}
				begin = time.Now()
				cmd := exec.Command(tc.GoCommand(), args...)
				cmd.Dir = dir
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
				plain = append(plain, time.Since(begin))
			}
			round() // warm: go build may have to compile the library
			direct, plain, compile, link, cached = nil, nil, nil, nil, nil
			for b.Loop() {
				round()
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ms(direct), "direct-ms")
			b.ReportMetric(ms(compile), "compile-ms")
			b.ReportMetric(ms(link), "link-ms")
			b.ReportMetric(ms(cached), "cached-ms")
			b.ReportMetric(ms(plain), "gobuild-ms")
			b.ReportMetric(ms(direct)/ms(plain), "ratio")
		})
	}
}

func changed(text string) string {
	for i := range text {
		if text[i] == '%' {
			return text[:i] + strconv.FormatInt(time.Now().UnixNano(), 10) + text[i+1:]
		}
	}
	return text
}

func ms(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2]) / float64(time.Millisecond)
}

func BenchmarkImportHTTP(b *testing.B) {
	tc := prepared(b, Normal)
	for b.Loop() {
		if _, err := newModule(b, tc).Import("net/http"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	prepared(b, Normal)
	for b.Loop() {
		prepare(b, open(b, Options{}), Normal)
	}
}
