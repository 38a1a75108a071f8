// SPDX-License-Identifier: MIT

package vm

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// task is one task of a step: what the kernel gives it and what its environment has, by
// programs/probe.py.
type task struct {
	name                 string // the argument of the probe
	rank                 int
	mask                 string
	cpus, cores, workers int
	masks                string // the different ones of the workers, with "/" between them
	env                  map[string]string
}

// share is what an explanation says about a task.
type share struct {
	cpus, cores int
	mask        string
}

var (
	// continued is where an explanation breaks a line.
	continued = regexp.MustCompile(`\nmp-policy: {5,}`)
	taskLine  = regexp.MustCompile(`PROBE (\S+) (task=.*)`)
	shareLine = regexp.MustCompile(`mp-policy: tasks? ([-,0-9]+) +(\d+) CPUs?(?: each)? of \d+, (\d+) cores?(?: each)? \(masks? ([^)]*)\)`)
)

// tasks returns those of the probe's lines in the output of a step.
func tasks(output string) ([]task, error) {
	var list []task
	for _, line := range taskLine.FindAllStringSubmatch(output, -1) {
		fields := map[string]string{}
		for _, field := range strings.Fields(line[2]) {
			name, value, _ := strings.Cut(field, "=")
			fields[name] = value
		}
		t := task{name: line[1], mask: fields["mask"], masks: fields["masks"], env: fields}
		for name, to := range map[string]*int{"task": &t.rank, "cpus": &t.cpus, "cores": &t.cores, "workers": &t.workers} {
			n, err := strconv.Atoi(fields[name])
			if err != nil {
				return nil, fmt.Errorf("the probe's line has no number %s: %s", name, line[0])
			}
			*to = n
		}
		list = append(list, t)
	}
	return list, nil
}

// shares returns what the explanation in the output of a step says about each task.
func shares(output string) (map[int]share, error) {
	found := map[int]share{}
	for _, line := range shareLine.FindAllStringSubmatch(continued.ReplaceAllString(output, " "), -1) {
		ranks, err := numbers(line[1])
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, line[0])
		}
		list, _, _ := strings.Cut(line[4], ", shared")
		masks := strings.Split(list, "; ")
		cpus, _ := strconv.Atoi(line[2])
		cores, _ := strconv.Atoi(line[3])
		for i, rank := range ranks {
			found[rank] = share{cpus, cores, masks[min(i, len(masks)-1)]}
		}
	}
	return found, nil
}

// numbers returns those of a list like "0-2,7".
func numbers(list string) ([]int, error) {
	var all []int
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		a, err := strconv.Atoi(first)
		b := a
		if err == nil && isRange {
			b, err = strconv.Atoi(last)
		}
		if err != nil {
			return nil, fmt.Errorf("%q is not a list of numbers", list)
		}
		for n := a; n <= b; n++ {
			all = append(all, n)
		}
	}
	return all, nil
}

// overlap reports whether two tasks of the list have a CPU in common.
func overlap(list []task) bool {
	seen := map[int]bool{}
	for _, t := range list {
		cpus, err := numbers(t.mask)
		if err != nil {
			return true
		}
		for _, cpu := range cpus {
			if seen[cpu] {
				return true
			}
			seen[cpu] = true
		}
	}
	return false
}
