// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// header is the first line of the table, the names of its columns.
const header = "repository\tcommit\tdirectory\tcommand\tlabel\tworkers\thalf\treason"

// The labels: what a program does when it is run with its command.
const (
	labelPool    = "pool"    // starts worker processes of its own for certain
	labelWorkers = "workers" // starts workers of a library that sees to their threads, or may start some
	labelOne     = "one"     // starts one worker or helper process at most
	labelNone    = "none"    // starts none
)

// program is a row of the table.
type program struct {
	repository string // owner/name
	commit     string // 40 hex digits
	directory  string // where the command runs, in the repository
	command    string // as its documentation has it, split as a shell would
	label      string
	workers    string // how many: a number, "cpus", "?" if unknown, empty if none
	half       string // a or b: which half of the set it was put into at random
	reason     string // the line that decides, and why
}

// checkout is the directory of the program's repository below the checkouts.
func (p program) checkout(checkouts string) string {
	return filepath.Join(checkouts, strings.ReplaceAll(p.repository, "/", "+"))
}

var forms = []struct {
	column string
	form   *regexp.Regexp
	of     func(program) string
}{
	{"repository", regexp.MustCompile(`^[\w.-]+/[\w.-]+$`), func(p program) string { return p.repository }},
	{"commit", regexp.MustCompile(`^[0-9a-f]{40}$`), func(p program) string { return p.commit }},
	{"directory", regexp.MustCompile(`^[^/].*$`), func(p program) string { return p.directory }},
	{"command", regexp.MustCompile(`^\S.*$`), func(p program) string { return p.command }},
	{"label", regexp.MustCompile(`^(pool|workers|one|none)$`), func(p program) string { return p.label }},
	{"workers", regexp.MustCompile(`^([1-9]\d*|cpus|\?)?$`), func(p program) string { return p.workers }},
	{"half", regexp.MustCompile(`^[ab]$`), func(p program) string { return p.half }},
	{"reason", regexp.MustCompile(`^\S.*$`), func(p program) string { return p.reason }},
}

// parseTable parses the table called name. An error names the line and the column.
func parseTable(name, text string) ([]program, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if lines[0] != header {
		return nil, fmt.Errorf("%s:1: the header is %q; want %q", name, lines[0], header)
	}
	var programs []program
	for i, line := range lines[1:] {
		at := fmt.Sprintf("%s:%d", name, i+2)
		f := strings.Split(line, "\t")
		if len(f) != len(forms) {
			return nil, fmt.Errorf("%s: %d columns; want %d, with tabs between them", at, len(f), len(forms))
		}
		p := program{f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]}
		for _, c := range forms {
			if value := c.of(p); !c.form.MatchString(value) {
				return nil, fmt.Errorf("%s: the %s is %q; want the form %s", at, c.column, value, c.form)
			}
		}
		if (p.workers == "") != (p.label == labelNone) {
			return nil, fmt.Errorf("%s: the label is %s and workers is %q; want workers for every label but none", at, p.label, p.workers)
		}
		same := func(q program) bool {
			return q.repository == p.repository && q.directory == p.directory && q.command == p.command
		}
		if slices.ContainsFunc(programs, same) {
			return nil, fmt.Errorf("%s: the program is in the table twice; remove one row", at)
		}
		programs = append(programs, p)
	}
	return programs, nil
}
