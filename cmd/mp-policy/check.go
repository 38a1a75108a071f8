// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"slurm-mp-policy/cmd/mp-policy/internal/lint"
	"slurm-mp-policy/policy"
)

func newCheck(s screen) *cobra.Command {
	var strict, quiet bool
	cmd := &cobra.Command{
		Use:   "check [--strict] [--quiet] [FILE]",
		Short: "Look for errors in a policy file, and for what is legal and wrong",
		Long: `Look for every error in a policy file, and for what is legal and wrong: rules
that can never match or never count, tags that no node and no program has,
variables that do harm, names that are nearly another's.

FILE is ` + defaultPolicy + ` unless given; - is standard input. Each finding is a
line on standard output, as compilers print them:

    FILE:LINE: error|warning|note: what is wrong, and what to do

and a last line counts them. A file with errors is not without effect: the rules
and actions that could be read hold.

Exit status: 0; 1 where there is an error, or with --strict a warning; 2 where
the command line is wrong or the file cannot be read. No file at
` + defaultPolicy + ` is no error: the built-in rules hold.`,
		Example: `  mp-policy check --strict mp_policy.conf
  make-policy | mp-policy check --strict -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("check takes one file, not %d: want mp-policy check FILE", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			name := defaultPolicy
			if len(args) > 0 {
				name = args[0]
			}
			rules, errs, err := readPolicy(name, cmd.InOrStdin())
			if len(args) == 0 && errors.Is(err, fs.ErrNotExist) {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: there is none: the built-in rules hold\n", name)
				return nil
			}
			if err != nil {
				return err
			}
			if name == "-" {
				name = stdinName
			}
			return check(cmd.OutOrStdout(), s, name, rules, errs, strict, quiet)
		},
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "exit with 1 for warnings too")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "print errors and warnings alone: no notes, no count")
	return cmd
}

// levels in the order in which one line's findings are printed.
var levels = []string{"error", lint.Warning, lint.Note}

func check(w io.Writer, s screen, name string, rules policy.Rules, errs parseErrors, strict, quiet bool) error {
	builtin, err := policy.Builtin()
	if err != nil {
		return err
	}
	findings := lint.Check(builtin, rules, len(errs) == 0)
	for _, err := range errs {
		findings = append(findings, findingOf(err))
	}
	slices.SortStableFunc(findings, func(a, b lint.Finding) int {
		fileA, lineA := place(a.Source)
		fileB, lineB := place(b.Source)
		return cmp.Or(cmp.Compare(fileA, fileB), cmp.Compare(lineA, lineB),
			slices.Index(levels, a.Level)-slices.Index(levels, b.Level))
	})
	count := map[string]int{}
	colours := map[string]string{"error": red, lint.Warning: yellow, lint.Note: faint}
	for _, f := range findings {
		count[f.Level]++
		if quiet && f.Level == lint.Note {
			continue
		}
		fmt.Fprintf(w, "%s: %s %s\n", printable(f.Source), s.paint(colours[f.Level], f.Level+":"), printable(f.Text))
	}
	if !quiet {
		fmt.Fprintf(w, "%s: %s, %s, %s\n", printable(name), plural(len(rules.All()), "rule"),
			plural(count["error"], "error"), plural(count[lint.Warning], "warning"))
	}
	if count["error"] > 0 || strict && count[lint.Warning] > 0 {
		return errFindings
	}
	return nil
}

var sourced = regexp.MustCompile(`(?s)^(.*?:[0-9]+): (.*)$`)

// findingOf takes "file:line: what is wrong" apart.
func findingOf(err error) lint.Finding {
	if m := sourced.FindStringSubmatch(err.Error()); m != nil {
		return lint.Finding{Level: "error", Source: m[1], Text: m[2]}
	}
	return lint.Finding{Level: "error", Source: os.DevNull, Text: err.Error()}
}

var numbered = regexp.MustCompile(`^(.*):([0-9]+)$`)

func place(source string) (file string, line int) {
	if m := numbered.FindStringSubmatch(source); m != nil {
		line, _ = strconv.Atoi(m[2])
		return m[1], line
	}
	return source, 0
}
