// Command gopark is a Jupyter kernel for learning Go concurrency, and what a
// person needs around it: it installs itself for Jupyter, runs notebooks and
// single cells without Jupyter, draws charts, and says what is missing.
//
// Its exit status is 0 when all went well, 1 when something failed, 2 when it
// was called the wrong way, and 130 after Ctrl-C. exec passes on the status of
// the cell's program.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
