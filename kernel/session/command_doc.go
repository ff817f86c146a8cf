package session

import (
	"fmt"
	"unicode/utf8"
)

// showDoc puts a declaration and its documentation into the front end's pager.
func showDoc(x *execution, args, _ string) error {
	if args == "" {
		return fmt.Errorf("of which name?")
	}
	d := x.Inspect(x.ctx, args, utf8.RuneCountInString(args), false)
	if !d.Found {
		return fmt.Errorf("nothing is known of %s; write it as a cell would: F, T.M, sync.WaitGroup", args)
	}
	x.page = d.Data
	return nil
}
