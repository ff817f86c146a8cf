package jupyter

import (
	"context"
	"errors"
)

// Causes with which the context of a running Execute is cancelled.
var (
	ErrInterrupted = errors.New("interrupted")
	ErrShutdown    = errors.New("the kernel is shutting down")
)

// ErrStdinNotAllowed is what Publisher.Input returns when nobody can be asked.
var ErrStdinNotAllowed = errors.New("this front end cannot be asked for input (it sent allow_stdin = false)")

// A Kernel gives code a meaning. Execute is called one call at a time, unless
// Info says that the kernel has subshells: then several goroutines call it, one
// for each subshell. The other methods may be called at any time, also while Execute
// runs: Complete and Inspect one at a time, Info and IsComplete by several
// goroutines at once.
type Kernel interface {
	// Info describes the kernel. It must answer at once.
	Info() Info

	// Execute runs a cell. Its context ends with cause ErrInterrupted or
	// ErrShutdown when the cell has to stop. A failure has been given to
	// out.Error, once and last, when it is returned.
	Execute(ctx context.Context, req ExecuteRequest, out Publisher) ExecuteReply

	// Complete proposes what could stand at the cursor, an offset into code in
	// Unicode code points, as all offsets are.
	Complete(ctx context.Context, code string, cursor int) CompleteReply

	// Inspect describes what stands at the cursor; detail 1 asks for its source.
	Inspect(ctx context.Context, code string, cursor, detail int) InspectReply

	// IsComplete tells whether code may run, or needs another line.
	IsComplete(ctx context.Context, code string) IsCompleteReply

	// Shutdown releases everything, within a second. It is called once, and
	// possibly while Execute runs, whose context has then ended. With restart
	// set, the front end will start another process.
	Shutdown(restart bool)
}

// A Publisher receives what a cell shows, in the order in which it happened.
// Its methods are called by one goroutine at a time, and not after Execute has
// returned.
type Publisher interface {
	// Stream appends text to "stdout" or "stderr".
	Stream(name, text string)
	// Display shows a MIME bundle; a non-empty id names it for Update.
	Display(data, metadata map[string]any, id string)
	// Update replaces every display shown with the same id.
	Update(data, metadata map[string]any, id string)
	// Result shows the value of the cell. A silent request's is not shown.
	Result(data, metadata map[string]any)
	// Error shows why the cell failed.
	Error(name, value string, traceback []string)
	// Clear removes what was shown; with wait, when something new arrives.
	Clear(wait bool)
	// Input asks the person at the front end for a line. It ends with an error
	// when ctx, or the context of Execute, ends.
	Input(ctx context.Context, prompt string, password bool) (string, error)
}

// Info answers kernel_info_request.
type Info struct {
	Implementation string     `json:"implementation"`
	Version        string     `json:"implementation_version"`
	Language       Language   `json:"language_info"`
	Banner         string     `json:"banner"`
	HelpLinks      []HelpLink `json:"help_links"`
	Features       []string   `json:"supported_features"`

	// Subshells says that Execute may be called by several goroutines at once,
	// so that front ends can make subshells, whose cells run beside each other
	// (JEP 91). The server names the feature itself.
	Subshells bool `json:"-"`
}

// Language describes what cells are written in. Front ends choose their editor
// by Name and MIME type, so neither may be empty.
type Language struct {
	Name          string `json:"name"`
	Version       string `json:"version"`
	MIMEType      string `json:"mimetype"`
	FileExtension string `json:"file_extension"` // with its dot
	Lexer         string `json:"pygments_lexer,omitempty"`
	CodeMirror    string `json:"codemirror_mode,omitempty"`
	Exporter      string `json:"nbconvert_exporter,omitempty"`
}

// A HelpLink is an entry of the front end's Help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// ExecuteRequest is a cell to run.
type ExecuteRequest struct {
	Code            string
	Silent          bool              // as quietly as possible; not counted, not remembered
	StoreHistory    bool              // counted and remembered
	UserExpressions map[string]string // to be evaluated after the cell
	AllowStdin      bool              // Publisher.Input may be used
	StopOnError     bool              // when it fails, the server aborts what is queued
	Count           int               // the execution count shown beside the cell
	Subshell        string            // the subshell it was sent to; empty: the main shell
}

// ExecuteReply is how a cell ended.
type ExecuteReply struct {
	Failure         *Failure         // nil: it succeeded
	Payload         []map[string]any // such as {"source": "page", "data": …}
	UserExpressions map[string]any   // for each key {"status": "ok", "data": …} or {"status": "error", …}
	Metadata        map[string]any   // added to the reply's metadata
}

// A Failure is why a cell failed: the same that was given to Publisher.Error.
type Failure struct {
	Name      string
	Value     string
	Traceback []string
}

// CompleteReply holds what may replace the code from Start to End.
type CompleteReply struct {
	Matches    []string
	Start, End int
	Metadata   map[string]any
}

// InspectReply holds a MIME bundle about what stands at the cursor.
type InspectReply struct {
	Found          bool
	Data, Metadata map[string]any
}

// IsCompleteReply holds "complete", "incomplete", "invalid" or "unknown", and
// for "incomplete" what the next line should begin with.
type IsCompleteReply struct {
	Status string
	Indent string
}
