// Package peek looks at the goroutines of a running Go program from outside: it
// reads the program's memory (proc(5), /proc/PID/mem), and the program does not
// notice. It gains no goroutine, no thread, no signal handler, and is found in a
// deadlock by the runtime as before.
//
// The program tells once, in its ledger, where the runtime's lists are and how a
// goroutine is laid out, after it has tested that on itself (package
// helpers/internal/exit). What is read while goroutines run may be torn; of
// goroutines that wait it is right.
//
// Linux only. The reader must be allowed to trace the program, as a parent is.
package peek
