package session

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

func setArgs(x *execution, args, _ string) (err error) {
	x.args, err = fields(args)
	return err
}

func setTests(x *execution, args, _ string) error {
	x.tests = true
	return setArgs(x, args, "")
}

func setRace(x *execution, args, _ string) error {
	switch args {
	case "":
		x.race = true
	case "on", "off":
		x.race = args == "on"
		x.set(func(s *settings) { s.race = x.race })
	default:
		return fmt.Errorf("neither on nor off: %s", args)
	}
	return nil
}

func setEnv(x *execution, args, _ string) error {
	words, err := fields(args)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		for _, kv := range x.current().overlay() {
			x.out.Print("stdout", kv+"\n")
		}
		return nil
	}
	name, value, ok := strings.Cut(words[0], "=")
	if name == "" || strings.ContainsAny(name, " \x00") {
		return fmt.Errorf("no name before the =: %s", args)
	}
	switch {
	case ok:
		value = strings.Join(append([]string{value}, words[1:]...), " ")
	case len(words) == 1:
		for _, kv := range x.environ(x.current()) {
			if v, ok := strings.CutPrefix(kv, name+"="); ok {
				value = v
			}
		}
		x.out.Print("stdout", name+"="+value+"\n")
		return nil
	default:
		value = strings.Join(words[1:], " ")
	}
	x.set(func(s *settings) { s.setenv(name, value) })
	return nil
}

func changeDir(x *execution, args, _ string) error {
	words, err := fields(args)
	if err != nil {
		return err
	}
	switch len(words) {
	case 0:
	case 1:
		dir := x.resolve(words[0])
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is a file", dir)
		}
		x.set(func(s *settings) { s.dir = dir })
	default:
		return fmt.Errorf("one folder, not %d: quote a name with blanks", len(words))
	}
	x.out.Print("stdout", x.current().dir+"\n")
	return nil
}

func setFlags(x *execution, args, _ string) error {
	words, err := fields(args)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		x.out.Print("stdout", "%goflags "+strings.Join(x.current().flags, " ")+"\n")
		return nil
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	x.set(func(s *settings) { s.flags = words })
	return nil
}

func setAutoget(on bool) func(x *execution, args, body string) error {
	return func(x *execution, _, _ string) error {
		x.set(func(s *settings) { s.noAutoget = !on })
		return nil
	}
}

func setTimeout(x *execution, args, _ string) error {
	switch args {
	case "":
		text := "no limit"
		if d := x.current().timeout; d > 0 {
			text = d.String()
		}
		x.out.Print("stdout", "%timeout: "+text+"\n")
		return nil
	case "off":
		x.set(func(s *settings) { s.timeout = 0 })
		return nil
	}
	d, err := time.ParseDuration(args)
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no time like 10s or 1m30s, nor off", args)
	}
	x.set(func(s *settings) { s.timeout = d })
	return nil
}

func setLimit(x *execution, args, _ string) error {
	switch args {
	case "":
		x.out.Print("stdout", "%limit: "+x.current().limit.String()+"\n")
		return nil
	case "off":
		x.set(func(s *settings) { s.limit = limit{off: true} })
	default:
		n, err := parseSize(args)
		if err != nil {
			return err
		}
		x.set(func(s *settings) { s.limit = limit{head: n} })
	}
	x.out.limitTo(x.current().limit)
	return nil
}

// parseSize reads "500kB", "10MB" or plain bytes.
func parseSize(text string) (int, error) {
	number, unit := text, 1
	for _, u := range []struct {
		suffix string
		bytes  int
	}{{"GB", 1 << 30}, {"MB", 1 << 20}, {"kB", 1 << 10}, {"KB", 1 << 10}, {"B", 1}} {
		if n, ok := strings.CutSuffix(text, u.suffix); ok {
			number, unit = n, u.bytes
			break
		}
	}
	n, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil || n < 0 || n > 1<<40/unit {
		return 0, fmt.Errorf("%q is no size like 500kB or 10MB, nor off", text)
	}
	return n * unit, nil
}
