// SPDX-License-Identifier: MIT

package shim

import "testing"

// The use of CPU is known only if all processes of an evaluator have been reaped here.
func TestEvaluatorsUseOfCPU(t *testing.T) {
	program := compile(t, "programs/end.c", "../../cshim/end.c", "../../cshim/process.c")
	const want = "one: ended, CPU of one\n" +
		"two: ended, CPU of two\n" +
		"reaped by somebody else: ended, CPU not known\n" +
		"second reaped by somebody else: ended, CPU not known\n"
	if got := run(t, "", program); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
