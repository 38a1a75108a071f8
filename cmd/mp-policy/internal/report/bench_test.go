// SPDX-License-Identifier: MIT

package report

import (
	"fmt"
	"testing"
	"time"
)

func BenchmarkAdd(b *testing.B) {
	s := New(time.Time{}, time.Now())
	text := fmt.Appendf(nil, `[2026-11-07T02:44:20.123] [4711.0] mp-policy: step=4711.0 user=1000 partition=short tasks=4 wait_us=310 cpu_us=3120 verdict=multiprocessing program=train.py cpus=16 set=OMP_NUM_THREADS:1,OMP_PROC_BIND:false rules="threads of each worker;workers are not bound"`)
	b.ReportAllocs()
	for b.Loop() {
		s.Add(text)
	}
}
