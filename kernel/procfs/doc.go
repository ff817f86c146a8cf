// Package procfs asks Linux about processes: which descend from one, and which
// of them wait for input. It reads /proc (proc(5)) and keeps nothing. Elsewhere
// it knows nothing, and says so.
package procfs
