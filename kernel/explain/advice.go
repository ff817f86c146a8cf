package explain

import (
	"fmt"
	"go/ast"
	"regexp"

	"gopark/kernel/cell"
)

// An advice adds a sentence to one of the compiler's. $1 and so on in help are
// the groups of the pattern.
type advice struct {
	pattern *regexp.Regexp
	help    string
}

func when(pattern, help string) advice { return advice{regexp.MustCompile(pattern), help} }

// advices are tried in order; the first that fits is taken. They answer what
// learners of concurrency run into; most messages need no second sentence.
var advices = []advice{
	// Channels and their directions.
	when(`cannot send to receive-only channel (?:.* )?(\S+) \(`,
		"$1 only gives values here (<-chan); who sends needs it as chan<- T or chan T"),
	when(`cannot receive from send-only channel (?:.* )?(\S+) \(`,
		"$1 only takes values here (chan<-); who receives needs it as <-chan T or chan T"),
	when(`cannot range over (\S+) .*: receive from send-only channel`,
		"$1 only takes values here (chan<-); who ranges over it needs it as <-chan T or chan T"),
	when(`cannot close receive-only channel (\S+)`,
		"closing says \"no more values\": that is for the one who sends to $1, who has it as chan T or chan<- T"),
	when(`cannot use .* \(\S+ of type (?:<-chan|chan<-) .*\) as (?:chan|<-chan|chan<-) .* value`,
		"a chan T can be passed on as <-chan T or chan<- T, but a direction cannot be taken back: pass the channel as it was made"),
	when(`cannot (?:send to|receive from|close) non-channel (\S+)`,
		"<- and close work on channels: was $1 meant to be made with make(chan …)?"),
	when(`cannot use (\S+) \(variable of type chan .*\) as \S+ value`,
		"that is the channel itself; <-$1 takes a value out of it"),
	when(`\(mismatched types chan .* and |\(mismatched types .* and (?:<-)?chan `,
		"that compares the channel itself; <- before it takes a value out"),
	when(`undefined \(type (?:<-chan|chan<-|chan) .* has no field or method`,
		"a channel has no methods: ch <- v sends, v := <-ch receives, close(ch) closes"),
	when(`(?:select case must be|must be receive|unexpected .* select)`,
		"a case of a select sends or receives: case v := <-ch: or case ch <- v:"),

	when(`unexpected <-`,
		"a send is a statement and has no value: put it on a line of its own"),

	// go and defer.
	when(`expression in (go|defer) must be function call`,
		"$1 needs a call: put () after the function, as in $1 func() { … }()"),
	when(`expression in (go|defer) must not be parenthesized`,
		"take the brackets round the call away"),
	when(`(go|defer) discards result of (.*?)(?: \(value.*\))?$`,
		"the value would be lost: wrap it, $1 func() { … = $2 }(), or send it to a channel"),
	when(`(\S.*) \(no value\) used as value or type`,
		"$1 gives nothing back"),
	when(`(\S.*\)) \(no value\) used as value`,
		"$1 runs at once and gives nothing back; where a function is wanted, wrap it: func() { $1 }"),
	when(`cannot use (.*) \(value of type (func\(.+\).*)\) as func\(\)(?: error)? value in argument to (\S+\.Go)`,
		"$3 wants a function without parameters: wrap the call, func() { $1(…) }"),
	when(`cannot use .* as func\(\) error value in argument to (\S+\.Go)`,
		"$1 of an errgroup wants a function that returns an error: end it with return nil"),

	// Values that come in twos.
	when(`assignment mismatch: 1 variable but context\.With(\w+) returns 2 values`,
		"the second is the function that ends it: ctx, cancel := context.With$1(…), then defer cancel()"),
	when(`assignment mismatch: 1 variable but (\S+) returns 2 values`,
		"take both, value, err := $1, or _ for the one that you do not need"),
	when(`multiple-value (\S+) .* in single-value context`,
		"$1 gives several values back: take them first, then use the one you want"),
	when(`no new variables on left side of :=`,
		"they exist already: = gives them a new value; := makes new ones"),

	// What is not used.
	when(`declared and not used: (\w+)`,
		"use $1, or take it away; where a value must be taken, _ drops it"),
	when(`(append\(.*\)) \(value of type .*\) is not used`,
		"append gives the longer slice back: s = append(s, …)"),
	when(`(.*) \((?:value|variable|constant|untyped|comma).*\) is not used`,
		"the value goes nowhere: assign it, print it, or send it"),
	when(`missing return`,
		"each way through the function must end with return; after a select or a switch without default, or a for with a condition, it can go on to the end"),
	when(`label (\w+) (?:defined|declared) and not used`,
		"break $1 and continue $1 leave the loop that the label stands before; inside a select, break alone only leaves the select"),

	// Methods and what has them.
	when(`has no field or method \w+, but does have (?:method|field) (\w+)`,
		"it is called $1"),
	when(`method \w+ has pointer receiver`,
		"the method needs a pointer: pass &x"),
	when(`cannot call pointer method (\w+) on`,
		"$1 needs a variable whose address can be taken: give the value a name first"),
	when(`undefined \(type \*?sync\.Mutex has no field or method R`,
		"only a sync.RWMutex has read locks"),
	when(`undefined \(type error has no field or method`,
		"an error has one method, Error; errors.As finds out what is inside"),
	when(`undefined \(type (\*\w+) is pointer to pointer|undefined \(type \*\*`,
		"one * too many"),
	when(`cannot call non-function`,
		"there is no function before the brackets"),
	when(`non-numeric type atomic\.(\w+)|mismatched types atomic\.(\w+)|cannot use .* \(variable of (?:struct )?type atomic\.(\w+)\) as`,
		"an atomic value is read with Load, written with Store and changed with Add or CompareAndSwap"),
	when(`cannot use .* as \*?sync\.(Mutex|WaitGroup|RWMutex|Once)`,
		"pass a pointer, &x: a copy of a sync.$1 is another one"),
	when(`cannot use .* \(untyped \w+ constant.*\) as time\.Duration|mismatched types int and time\.Duration|mismatched types time\.Duration and int`,
		"a duration is made with a unit: 10 * time.Millisecond, or time.Duration(n) * time.Millisecond for a variable n"),
	when(`not enough arguments in call to (\S+)\n?`,
		"$1 wants more than it was given: compare have with want"),
	when(`too many arguments in call to (\S+)`,
		"$1 wants less than it was given: compare have with want"),
	when(`invalid operation: .* \(mismatched types .*\)`,
		"both sides must have the same type: convert one of them"),
	when(`impossible type (?:assertion|switch case)`,
		"no value of that interface can have this type: a method is missing"),
}

// advise finds the sentence for a message; "" when there is none to add.
func advise(message string) string {
	for _, a := range advices {
		if m := a.pattern.FindStringSubmatchIndex(message); m != nil {
			return string(a.pattern.ExpandString(nil, a.help, message, m))
		}
	}
	return ""
}

var undefinedName = regexp.MustCompile(`^undefined: (\w+)$`)

// outOfReach answers "undefined" for a name that the cell does declare, but in
// a block that has ended: in a case of a select, in an if, in a loop.
func (l *library) outOfReach(d cell.Diagnostic) string {
	m := undefinedName.FindStringSubmatch(d.Message)
	s := l.cell(d.Cell)
	if m == nil || s == nil {
		return ""
	}
	help := ""
	var stack []ast.Node
	ast.Inspect(s.file, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		as, ok := n.(*ast.AssignStmt)
		if !ok || as.Tok.String() != ":=" || s.line(as.Pos()) >= d.Line || help != "" {
			return true
		}
		for _, x := range as.Lhs {
			if id, ok := x.(*ast.Ident); ok && id.Name == m[1] {
				help = fmt.Sprintf("%s of line %d lives only inside %s: declare it before, var %s …, and assign with =", id.Name, s.line(as.Pos()), enclosing(stack), id.Name)
			}
		}
		return true
	})
	return help
}

// enclosing is the block that the last node of a path lives in.
func enclosing(stack []ast.Node) string {
	for i := len(stack) - 1; i >= 0; i-- {
		switch stack[i].(type) {
		case *ast.CommClause:
			return "its case of the select"
		case *ast.CaseClause:
			return "its case of the switch"
		case *ast.IfStmt:
			return "its if"
		case *ast.ForStmt, *ast.RangeStmt:
			return "its loop"
		case *ast.FuncLit, *ast.FuncDecl:
			return "its function"
		}
	}
	return "its block"
}
