// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// tally counts how programs were judged.
type tally struct {
	workers, protected int            // programs with the labels pool and workers, and those that were not left untouched
	pools, capped      int            // programs with the label pool, and those that were capped
	others, falseCaps  map[string]int // by label, programs that must not be capped, and those that were
	needless           int            // programs without workers that were guarded, which does no harm
}

// add counts one program.
func (t *tally) add(label string, got verdict) {
	if label == labelPool || label == labelWorkers {
		t.workers++
		if got != untouched {
			t.protected++
		}
	}
	if label == labelPool {
		t.pools++
		if got == capped {
			t.capped++
		}
		return
	}
	if t.others == nil {
		t.others, t.falseCaps = map[string]int{}, map[string]int{}
	}
	t.others[label]++
	if got == capped {
		t.falseCaps[label]++
	}
	if label == labelNone && got == guarded {
		t.needless++
	}
}

// mistake returns what is wrong with a verdict, or nothing. A program with one worker
// may be guarded or not.
func mistake(label string, got verdict) string {
	switch {
	case label != labelPool && got == capped:
		return "falsely capped"
	case (label == labelPool || label == labelWorkers) && got == untouched:
		return "missed"
	case label == labelPool && got == guarded:
		return "not capped"
	case label == labelNone && got == guarded:
		return "needlessly guarded"
	}
	return ""
}

// writeTallies writes one line for each count, with a column for each half.
func writeTallies(w io.Writer, halves map[string]*tally) error {
	lines := []struct {
		name     string
		part, of func(*tally) int
	}{
		{"protected, of pool and workers", func(t *tally) int { return t.protected }, func(t *tally) int { return t.workers }},
		{"capped, of pool", func(t *tally) int { return t.capped }, func(t *tally) int { return t.pools }},
		{"falsely capped, of none", func(t *tally) int { return t.falseCaps[labelNone] }, func(t *tally) int { return t.others[labelNone] }},
		{"falsely capped, of one", func(t *tally) int { return t.falseCaps[labelOne] }, func(t *tally) int { return t.others[labelOne] }},
		{"falsely capped, of workers", func(t *tally) int { return t.falseCaps[labelWorkers] }, func(t *tally) int { return t.others[labelWorkers] }},
		{"needlessly guarded, of none", func(t *tally) int { return t.needless }, func(t *tally) int { return t.others[labelNone] }},
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tab, "\nhalf\ta\tb\tall")
	for _, l := range lines {
		fmt.Fprint(tab, l.name)
		for _, half := range []string{"a", "b", "all"} {
			t := halves[half]
			fmt.Fprintf(tab, "\t%s", share(l.part(t), l.of(t)))
		}
		fmt.Fprintln(tab)
	}
	return tab.Flush()
}

// share writes a part of a whole, and its percentage if there is a whole.
func share(part, of int) string {
	if of == 0 {
		return "0 of 0"
	}
	return fmt.Sprintf("%d of %d (%.0f %%)", part, of, 100*float64(part)/float64(of))
}
