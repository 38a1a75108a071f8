// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/policy"
)

// sitePolicy is the site's file; a test has one of its own.
var sitePolicy = defaultPolicy

func newRules(s screen) *cobra.Command {
	var file string
	var builtin bool
	cmd := &cobra.Command{
		Use:   "rules [--policy FILE | --builtin]",
		Short: "Print the rules in force, in their order, and where each stands",
		Long: `Print the rules in force in the order in which they are applied, with the file
and line of each rule and action; the file of the built-in rules is "builtin". Below a rule
stands what it takes the place of, and at the end what is off.

Without --policy the site's file is read as a launch reads it: not where others
than root may write it.

Exit status: 0; 1 where the site's file is refused, or has errors (the rules that
could be read hold, and are printed; mp-policy check prints the errors); 2 where the
command line is wrong or the FILE of --policy cannot be read.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := policy.Builtin()
			if err != nil {
				return err
			}
			before := all.All()
			var site policy.Rules
			var errs parseErrors
			var refused error
			switch {
			case builtin:
			case cmd.Flags().Changed("policy"):
				if site, errs, err = readPolicy(file, cmd.InOrStdin()); err != nil {
					return err
				}
			default: // what is in force is what a launch believes
				site, err = evaluation.Site(sitePolicy)
				if _, ofText := err.(interface{ Unwrap() []error }); ofText {
					errs = split(err)
				} else {
					refused = err
				}
			}
			all.Add(site)
			writeRules(cmd.OutOrStdout(), s, append(before, site.All()...), all.All())
			if refused != nil {
				fmt.Fprintln(cmd.ErrOrStderr(), "mp-policy:", printable(refused.Error()))
				return errFindings
			}
			if len(errs) > 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "mp-policy: %s has %s: mp-policy check prints what they are\n", file, plural(len(errs), "error"))
				return errFindings
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "policy", defaultPolicy, "the site's rules are in `FILE`, whoever owns it; - is standard input")
	cmd.Flags().BoolVar(&builtin, "builtin", false, "the built-in rules alone, without a site's")
	notBoth(cmd, "policy", "builtin")
	return cmd
}

// writeRules prints the rules in force; read are all that there are, in the order
// in which they were read.
func writeRules(w io.Writer, s screen, read, inForce []policy.Rule) {
	type line struct{ text, source string }
	var lines []line
	width := 0
	add := func(source, format string, args ...any) {
		l := line{printable(fmt.Sprintf(format, args...)), printable(source)}
		if n := utf8.RuneCountInString(l.text); source != "" && n <= 60 {
			width = max(width, n)
		}
		lines = append(lines, l)
	}
	for _, r := range inForce {
		add(r.Source, "rule %s", quoted(r))
		for _, c := range r.Conditions {
			add("", "    if %s", c)
		}
		names := 0
		for _, a := range r.Actions {
			names = max(names, len(a.Name))
		}
		for _, a := range r.Actions {
			what := a.Value
			if a.Verb == "unset" {
				what = strings.Join(a.Values, " ")
			}
			if a.Verb == "hint" {
				add(a.Source, "    hint %q", a.Value)
				continue
			}
			add(a.Source, "    %-5s %s  %s", a.Verb, pad(a.Name, names), what)
		}
		for _, old := range read {
			if old.Name == r.Name && old.Source != r.Source && !old.Off {
				add("", "    in the place of %s", old.Source)
			}
		}
		add("", "")
	}
	for i, r := range read {
		isRule := func(o policy.Rule) bool { return o.Name == r.Name }
		if r.Off && !slices.ContainsFunc(inForce, isRule) {
			for _, old := range read[:i] {
				if isRule(old) && !old.Off {
					add(r.Source, "off  %s of %s", quoted(old), old.Source)
				}
			}
		}
	}
	for _, l := range lines {
		text := pad(l.text, width)
		if strings.HasPrefix(l.text, "rule ") {
			text = s.paint(bold, text)
		}
		if l.source != "" {
			text += "  " + s.paint(faint, l.source)
		}
		fmt.Fprintln(w, strings.TrimRight(text, " "))
	}
}

func quoted(r policy.Rule) string { return fmt.Sprintf("%q", r.Name) }
