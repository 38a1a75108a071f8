// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/plaintext"
	"slurm-mp-policy/policy"
)

func newRules(s screen) *cobra.Command {
	st := step{root: "/"}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "rules [--policy FILE | --builtin] [--json]",
		Short: "Print the rules in force, in their order, and where each stands",
		Long: `Print the rules in force in the order in which they are applied, as a policy
file: mp-policy check takes it, and as a site's file it gives the same rules.
Comments are the file and line of each rule and action (the file of the built-in
rules is "builtin"), the reason of a built-in rule, what a rule takes the place
of, and at the end what is off. A terminal gets long lines broken, so take a file
from a pipe.

Without --policy the site's file is the one that plugstack.conf names, and is read
as a launch reads it: not if others than root may write it. What plugstack.conf
says, and the kill switch, are printed on standard error.

Exit status: 0; 1 if the site's file is refused, or has errors (the rules that
could be read hold, and are printed; mp-policy check prints the errors); 2 if the
command line is wrong or the FILE of --policy cannot be read. The JSON of --json
is described by /usr/share/slurm-mp-policy/rules.schema.json (docs/ in the
sources).`,
		Example: `  mp-policy rules
  mp-policy rules | mp-policy check -
  mp-policy rules --policy ./mp_policy.conf --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			st.given = cmd.Flags().Changed
			r, err := st.readRules(cmd.InOrStdin())
			if err != nil {
				return err
			}
			if asJSON {
				if err := writeJSON(cmd.OutOrStdout(), r.list()); err != nil {
					return err
				}
			} else {
				writeRules(cmd.OutOrStdout(), s, r)
				for _, note := range slices.Concat(r.notes, r.failures()) {
					fmt.Fprintln(cmd.ErrOrStderr(), "mp-policy:", plaintext.Printable(note))
				}
			}
			if len(r.failures()) > 0 {
				return errFindings
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&st.policy, "policy", defaultPolicy, "the site's rules are in `FILE`, whoever owns it; - is standard input")
	cmd.Flags().BoolVar(&st.builtin, "builtin", false, "only the built-in rules, without a site's")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	notBoth(cmd, "policy", "builtin")
	return cmd
}

// rulesRead are the rules in force, and their files.
type rulesRead struct {
	policy  string        // the site's file, "" if it was not asked for
	read    []policy.Rule // all that there are, in the order in which they were read
	inForce []policy.Rule
	notes   []string
	refused error // the site's file as a whole
	errs    parseErrors
}

func (st *step) readRules(stdin io.Reader) (*rulesRead, error) {
	all, err := policy.Builtin()
	if err != nil {
		return nil, err
	}
	r := &rulesRead{read: all.All()}
	var site policy.Rules
	switch {
	case st.builtin:
	case st.given("policy"):
		r.policy = st.policy
		if site, r.errs, err = readPolicy(st.policy, stdin); err != nil {
			return nil, err
		}
	default: // the rules that a launch would use
		r.notes = st.readSite()
		r.policy = st.config
		site, err = evaluation.Site(st.config)
		if _, ofText := err.(interface{ Unwrap() []error }); ofText {
			r.errs = split(err)
		} else {
			r.refused = err
		}
	}
	r.read = append(r.read, site.All()...)
	all.Add(site)
	r.inForce = all.All()
	return r, nil
}

// failures are the reasons why not all of the site's rules hold.
func (r *rulesRead) failures() []string {
	if r.refused != nil {
		return []string{r.refused.Error()}
	}
	if len(r.errs) > 0 {
		return []string{fmt.Sprintf("%s has %s: mp-policy check prints what they are", r.policy, plaintext.Plural(len(r.errs), "error"))}
	}
	return nil
}

// replaced are the rules that this one replaces.
func (r *rulesRead) replaced(by policy.Rule) (sources []string) {
	for _, old := range r.read {
		if old.Name == by.Name && old.Source != by.Source && !old.Off {
			sources = append(sources, old.Source)
		}
	}
	return sources
}

// offRule is a rule that another file has turned off.
type offRule struct {
	Name   string `json:"name"`
	Of     string `json:"of"`     // where the rule stands
	Source string `json:"source"` // where it is turned off
}

func (r *rulesRead) off() []offRule {
	off := []offRule{}
	for i, rule := range r.read {
		isRule := func(o policy.Rule) bool { return o.Name == rule.Name }
		if !rule.Off || slices.ContainsFunc(r.inForce, isRule) {
			continue
		}
		for _, old := range r.read[:i] {
			if isRule(old) && !old.Off {
				off = append(off, offRule{rule.Name, old.Source, rule.Source})
			}
		}
	}
	return off
}
