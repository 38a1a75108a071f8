// SPDX-License-Identifier: MIT

package workload

import (
	"testing"
	"time"
)

// A longer deadline than the default one gives the program more CPU time.
func TestLate(t *testing.T) {
	standard, short, long := late(0), late(100*time.Millisecond), late(10*time.Second)
	for start := cpuTime(); cpuTime()-start <= minCPU; {
		_ = start // use CPU time
	}
	if !standard() || !short() || long() {
		t.Errorf("after %v of CPU time: late %v by default, %v with 100 ms, %v with 10 s", minCPU, standard(), short(), long())
	}
}
