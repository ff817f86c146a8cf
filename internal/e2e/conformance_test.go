package e2e

import "testing"

// TestConformance runs jupyter_kernel_test 0.7.0, the test suite of the
// protocol's makers, against the installed kernel.
func TestConformance(t *testing.T) {
	b := setUp(t, "gopark")
	// kernel_info, stdout, stderr, completion, is_complete, error,
	// execute_result, display_data, history, inspect, pager and the welcome: a suite
	// that runs fewer has changed, or was skipped.
	if passed := b.script("conformance.py"); passed != 12 {
		t.Errorf("%d checks of jupyter_kernel_test passed, not 12", passed)
	}
}
