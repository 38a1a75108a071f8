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
	"slurm-mp-policy/cmd/mp-policy/internal/site"
	"slurm-mp-policy/plaintext"
	"slurm-mp-policy/policy"
)

func newCheck(s screen) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check [--strict] [--quiet] [--json] [FILE]",
		Short: "Look for errors in a policy file, and for what is legal and wrong",
		Long: `Look for every error in a policy file, and for what is legal and wrong: rules
that can never match or never count, tags that no node and no program has,
variables that do harm, names that are nearly another's.

FILE is the one that plugstack.conf names (` + defaultPolicy + `
if it names none) unless given; - is standard input. Each finding is a line on
standard output, as compilers print them:

    FILE:LINE: error|warning|note: what is wrong, and what to do

and a last line counts them. A file with errors is not without effect: the rules
and actions that could be read hold. The JSON is described by
/usr/share/slurm-mp-policy/check.schema.json (docs/ in the sources).

Exit status: 0; 1 where there is an error, or with --strict a warning; 2 where
the command line is wrong or the file cannot be read. It is no error if FILE is not
given and not there: the built-in rules hold.`,
		Example: `  mp-policy check --strict mp_policy.conf
  make-policy | mp-policy check --strict -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("check takes one file, not %d: want mp-policy check FILE", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, _ := site.Host{}.Read() // if it cannot be read, the standard words hold
			name := settings.Words.Value("config")
			if len(args) > 0 {
				name = args[0]
			}
			rules, errs, err := readPolicy(name, cmd.InOrStdin())
			if len(args) == 0 && errors.Is(err, fs.ErrNotExist) {
				return checkNone(cmd.OutOrStdout(), name, o)
			}
			if err != nil {
				return err
			}
			if name == "-" {
				name = stdinName
			}
			return check(cmd.OutOrStdout(), s, name, rules, errs, o)
		},
	}
	cmd.Flags().BoolVar(&o.strict, "strict", false, "exit with 1 for warnings too")
	cmd.Flags().BoolVar(&o.quiet, "quiet", false, "print only errors and warnings: no notes, no count")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

type checkOptions struct{ strict, quiet, json bool }

// checkVersion is the version of check's JSON, docs/check.schema.json. It rises with every
// change.
const checkVersion = 1

// checked is the JSON.
type checked struct {
	Version  int            `json:"version"`
	File     string         `json:"file"`
	Missing  bool           `json:"missing"`
	Rules    int            `json:"rules"`
	Errors   int            `json:"errors"`
	Warnings int            `json:"warnings"`
	Findings []checkFinding `json:"findings"`
}

type checkFinding struct {
	Level string `json:"level"`
	File  string `json:"file"`
	Line  int    `json:"line,omitempty"`
	Text  string `json:"text"`
}

// checkNone is the result if the site has no policy file.
func checkNone(w io.Writer, name string, o checkOptions) error {
	if o.json {
		return writeJSON(w, checked{Version: checkVersion, File: name, Missing: true, Findings: []checkFinding{}})
	}
	fmt.Fprintf(w, "%s: there is none: the built-in rules hold\n", name)
	return nil
}

// levels in the order in which one line's findings are printed.
var levels = []string{"error", lint.Warning, lint.Note}

func check(w io.Writer, s screen, name string, rules policy.Rules, errs parseErrors, o checkOptions) error {
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
	for _, f := range findings {
		count[f.Level]++
	}
	c := checked{Version: checkVersion, File: name, Rules: len(rules.All()), Errors: count["error"], Warnings: count[lint.Warning]}
	if o.quiet {
		findings = slices.DeleteFunc(findings, func(f lint.Finding) bool { return f.Level == lint.Note })
	}
	if o.json {
		err = c.writeJSON(w, findings)
	} else {
		c.write(w, s, findings, o.quiet)
	}
	if err == nil && (c.Errors > 0 || o.strict && c.Warnings > 0) {
		err = errFindings
	}
	return err
}

func (c checked) write(w io.Writer, s screen, findings []lint.Finding, quiet bool) {
	colours := map[string]string{"error": red, lint.Warning: yellow, lint.Note: faint}
	for _, f := range findings {
		fmt.Fprintf(w, "%s: %s %s\n", plaintext.Printable(f.Source), s.paint(colours[f.Level], f.Level+":"), plaintext.Printable(f.Text))
	}
	if !quiet {
		fmt.Fprintf(w, "%s: %s, %s, %s\n", plaintext.Printable(c.File), plaintext.Plural(c.Rules, "rule"),
			plaintext.Plural(c.Errors, "error"), plaintext.Plural(c.Warnings, "warning"))
	}
}

func (c checked) writeJSON(w io.Writer, findings []lint.Finding) error {
	c.Findings = make([]checkFinding, len(findings))
	for i, f := range findings {
		file, line := place(f.Source)
		c.Findings[i] = checkFinding{f.Level, file, line, f.Text}
	}
	return writeJSON(w, c)
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
