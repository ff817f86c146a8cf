package notebook

import "time"

// timing is what a front end that records it stores as a cell's
// metadata.execution: the dates of the messages. The first four keys are
// nbclient's; JupyterLab has the fifth as well. A run without messages publishes
// busy, input, reply and idle at no cost, so they share two dates.
func timing(begin, end time.Time, started any) map[string]any {
	m := map[string]any{
		"iopub.status.busy":   isoTime(begin),
		"iopub.execute_input": isoTime(begin),
		"shell.execute_reply": isoTime(end),
		"iopub.status.idle":   isoTime(end),
	}
	switch s := started.(type) {
	case time.Time:
		m["shell.execute_reply.started"] = isoTime(s)
	case string:
		m["shell.execute_reply.started"] = s
	default:
		m["shell.execute_reply.started"] = isoTime(begin)
	}
	return m
}

// isoTime is a date as Jupyter's headers have it: UTC, microseconds, Z.
func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
