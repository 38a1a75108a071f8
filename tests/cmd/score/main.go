// SPDX-License-Identifier: MIT

// Command score judges mp-policy by real programs: for each row of a table it has
// mp-policy explain the program's command in a checkout of its repository, and compares
// what a step would get with the row's label. With -mirrors it makes the checkouts
// instead. Nothing of a program is run.
//
//	score [-programs TABLE] -checkouts DIR -mirrors DIR
//	score [-programs TABLE] -checkouts DIR [-options OPTIONS] [MP-POLICY]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/mattn/go-shellwords"
)

func main() {
	table := flag.String("programs", "tests/programs/programs.tsv", "the `table` of programs")
	checkouts := flag.String("checkouts", "", "the `directory` of the checkouts: a repository owner/name is in owner+name")
	mirrors := flag.String("mirrors", "", "make the checkouts from the git directories below this `directory`, in owner+name")
	options := flag.String("options", "", "more `options` of explain, such as \"--root ./node --cpus 0-15\"")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, *table, *checkouts, *mirrors, *options, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, table, checkouts, mirrors, options, tool string) error {
	if checkouts == "" {
		return errors.New("no directory of checkouts is given: say -checkouts DIR")
	}
	text, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	programs, err := parseTable(table, string(text))
	if err != nil {
		return err
	}
	if mirrors != "" {
		return prepare(ctx, programs, mirrors, checkouts, os.Stdout)
	}
	more, err := shellwords.Parse(options)
	if err != nil {
		return fmt.Errorf("-options %q: %w; quote it as a shell would", options, err)
	}
	if tool == "" {
		tool = "build/mp-policy"
	}
	if tool, err = filepath.Abs(tool); err != nil {
		return err
	}
	return score(ctx, programs, explainer{tool: tool, checkouts: checkouts, options: more}, os.Stdout)
}

// score writes how the programs were judged: the wrong ones first, then the counts.
func score(ctx context.Context, programs []program, e explainer, w io.Writer) error {
	halves := map[string]*tally{"a": {}, "b": {}, "all": {}}
	for _, p := range programs {
		got, err := e.explain(ctx, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(w, "%s: %s: not judged: %v\n", p.repository, p.command, err)
			continue
		}
		halves[p.half].add(p.label, got)
		halves["all"].add(p.label, got)
		if what := mistake(p.label, got); what != "" {
			fmt.Fprintf(w, "%s: half %s, label %s: %s, in %s: %s: %s\n", what, p.half, p.label, p.repository, p.directory, p.command, p.reason)
		}
	}
	return writeTallies(w, halves)
}
