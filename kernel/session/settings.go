package session

import (
	"maps"
	"slices"
	"strings"
	"time"

	"gopark/kernel/cell"
)

// settings are what commands set for all cells from there. A copy of them is a
// snapshot: map and slice are replaced and never written to.
type settings struct {
	env    map[string]string // %env
	dir    string            // %cd
	flags  []string          // %goflags
	race   bool              // %race on
	limit  limit             // %limit
	report ReportMode        // %report

	timeout   time.Duration // %timeout; 0: none
	noAutoget bool          // %noautoget
}

// current returns the settings as they are now.
func (s *Session) current() settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}

// set changes the settings.
func (s *Session) set(change func(*settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.settings)
}

// setenv changes one variable.
func (s *settings) setenv(name, value string) {
	env := maps.Clone(s.env)
	if env == nil {
		env = map[string]string{}
	}
	env[name] = value
	s.env = env
}

// overlay is what %env set, as KEY=VALUE, sorted.
func (s settings) overlay() (out []string) {
	for k, v := range s.env {
		out = append(out, k+"="+v)
	}
	slices.Sort(out)
	return out
}

// environ is the environment of what cells run.
func (s *Session) environ(now settings, extra ...string) []string {
	env := slices.DeleteFunc(slices.Clone(s.o.Env), func(kv string) bool {
		k, _, _ := strings.Cut(kv, "=")
		_, ok := now.env[k]
		return ok || k == "PWD"
	})
	env = append(env, "PWD="+now.dir, "GOPARK_KERNEL=1", "GONB_DIR="+now.dir)
	env = append(env, now.overlay()...)
	return append(env, extra...)
}

// remembered is the memory as it is now, to check against.
func (s *Session) remembered() cell.Memory {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.memory.Clone()
}

// memorise changes the memory.
func (s *Session) memorise(change func(*cell.Memory)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.memory)
}

// lastMain is the newest cell with a main that was right; nil when there is none.
func (s *Session) lastMain() *cell.Cell {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.main
}
