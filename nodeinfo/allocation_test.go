// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"math"
	"slices"
	"testing"
)

func list(t *testing.T, text string) Mask {
	t.Helper()
	m, err := ParseList(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestAllocate has a task that shares no CPU with another task of the step, unless shared
// is set.
func TestAllocate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		mask   string
		shared float64 // part of the mask, 0 for the whole mask
		quotas Quotas
		step   Step
		want   int
	}{
		{"bound to 4 CPUs", "0-3", 0, Quotas{}, Step{CPUs: 4, LocalTasks: 1}, 4},
		{"bound, one of 64 tasks", "7", 0, Quotas{}, Step{CPUs: 64, LocalTasks: 64}, 1},
		{"bound to a core of 2 threads, one of 64 tasks", "0-1", 0, Quotas{}, Step{CPUs: 64, LocalTasks: 64}, 2},
		{"nothing known of the step", "0-63", 0, Quotas{}, Step{}, 64},
		{"more CPUs than a cpu_set_t", "0-1791", 0, Quotas{}, Step{CPUs: 1792, LocalTasks: 1}, 1792},
		{"quota", "0-15", 0, Quotas{Shared: 2}, Step{}, 2},
		{"a fraction of a CPU", "0-15", 0, Quotas{Shared: 2.5}, Step{}, 3},
		{"less than a CPU", "0-15", 0, Quotas{Task: 0.1}, Step{}, 1},
		{"quota above the mask", "0-3", 0, Quotas{Shared: 64}, Step{}, 4},
		{"quota and step", "0-63", 0, Quotas{Task: 2}, Step{CPUs: 16, LocalTasks: 2}, 2},
		{"the quota of a step of 4 tasks", "0-7", 0, Quotas{Shared: 10}, Step{CPUs: 32, LocalTasks: 4}, 3},
		{"a quota of the task's own", "0-7", 0, Quotas{Task: 5, Shared: 32}, Step{CPUs: 32, LocalTasks: 4}, 5},
		{"quotas of both", "0-7", 0, Quotas{Task: 5, Shared: 8}, Step{CPUs: 32, LocalTasks: 4}, 2},
		{"a quota below one CPU for each task", "0-7", 0, Quotas{Shared: 2}, Step{CPUs: 32, LocalTasks: 4}, 1},
		{"no binding: the step's share", "0-63", 0, Quotas{}, Step{CPUs: 16, LocalTasks: 4}, 4},
		{"no binding: an uneven share", "0-63", 0, Quotas{}, Step{CPUs: 16, LocalTasks: 5}, 3},
		{"no binding: -c wins", "0-63", 16, Quotas{}, Step{CPUs: 16, CPUsPerTask: 8, LocalTasks: 4}, 8},
		{"no binding: more tasks than CPUs", "0-63", 8, Quotas{}, Step{CPUs: 2, LocalTasks: 8}, 1},
		{"no binding: tasks unknown", "0-63", 0, Quotas{}, Step{CPUs: 16}, 16},
		{"no binding: -c beyond the mask", "0-63", 0, Quotas{}, Step{CPUs: 16, CPUsPerTask: 1000, LocalTasks: 1}, 64},
		{"no binding: the mask's part is less", "0-31", 3, Quotas{}, Step{CPUs: 16, LocalTasks: 2}, 3},
		{"bound: -c does not count", "0-3", 0, Quotas{}, Step{CPUs: 4, CPUsPerTask: 2, LocalTasks: 1}, 4},
		{"2 tasks share the mask", "0-1", 1, Quotas{}, Step{CPUs: 2, CPUsPerTask: 1, LocalTasks: 2}, 1},
		{"3 tasks share a mask of 8", "0-7", 8.0 / 3, Quotas{}, Step{CPUs: 8, LocalTasks: 3}, 2},
		{"they share, and asked for more", "0-7", 4, Quotas{}, Step{CPUs: 8, CPUsPerTask: 6, LocalTasks: 2}, 6},
		{"more tasks than CPUs share it", "0-1", 0.25, Quotas{}, Step{CPUs: 2, CPUsPerTask: 1, LocalTasks: 8}, 1},
		{"they share, with a quota", "0-7", 4, Quotas{Shared: 4}, Step{CPUs: 8, LocalTasks: 2}, 2},
		{"no CPU at all", "", 0, Quotas{Shared: 2}, Step{CPUs: 4, CPUsPerTask: 2, LocalTasks: 1}, 0},
		{"numbers that are none", "0-3", 0, Quotas{Shared: math.NaN()}, Step{CPUs: -4, CPUsPerTask: -2, LocalTasks: -1}, 4},
		{"a quota below zero", "0-3", 0, Quotas{Task: -1}, Step{}, 1},
		{"a quota without end", "0-3", 0, Quotas{Task: math.Inf(1)}, Step{}, 4},
	} {
		mask := list(t, tt.mask)
		part := tt.shared
		if part == 0 {
			part = float64(mask.Count())
		}
		if got := Allocate(mask, part, tt.quotas, tt.step); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestShares checks that the tasks together never get more CPUs than there are.
func TestShares(t *testing.T) {
	for _, tt := range []struct {
		name  string
		masks []string
		want  []int // whole CPUs
	}{
		{"each its own", []string{"0-3", "4-7", "8"}, []int{4, 4, 1}},
		{"one task", []string{"0-7"}, []int{8}},
		{"one mask", []string{"0-1", "0-1"}, []int{1, 1}},
		{"one mask of three", []string{"0-7", "0-7", "0-7"}, []int{2, 2, 2}},
		{"thirds are added up", []string{"0-2", "0-2", "0-2"}, []int{1, 1, 1}},
		{"two pairs", []string{"0-3", "4-7", "0-3", "4-7"}, []int{2, 2, 2, 2}},
		{"one within the other", []string{"0-3", "0-1"}, []int{3, 1}},
		{"they overlap in a part", []string{"0-3", "2-5"}, []int{3, 3}},
		{"one of all beside bound ones", []string{"0-3", "0", "1", "2", "3"}, []int{2, 0, 0, 0, 0}},
		{"more tasks than CPUs", []string{"5", "5", "5"}, []int{0, 0, 0}},
		{"a task that is gone", []string{"0-3", "", "0-3"}, []int{2, 0, 2}},
		{"wide", []string{"0-1791", "0-1791"}, []int{896, 896}},
		{"none", nil, nil},
	} {
		var masks []Mask
		var all Mask
		for _, text := range tt.masks {
			masks = append(masks, list(t, text))
			all.add(masks[len(masks)-1])
		}
		var got []int
		sum := 0.0
		for _, part := range Shares(masks) {
			got = append(got, int(part))
			sum += part
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if sum > float64(all.Count())+1e-6 {
			t.Errorf("%s: %v CPUs of %d", tt.name, sum, all.Count())
		}
	}
}

// BenchmarkShares is the most expensive case that occurs: many unbound tasks on a wide
// node.
func BenchmarkShares(b *testing.B) {
	masks := make([]Mask, 256)
	for i := range masks {
		masks[i].set(0, 255)
	}
	for b.Loop() {
		Shares(masks)
	}
}
