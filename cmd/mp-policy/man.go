// SPDX-License-Identifier: MIT

//go:build man

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

// The generator is as large as half of the tool, so only who builds a package has
// it: go run -tags man ./cmd/mp-policy man DIR
func init() { more = append(more, newMan) }

// newMan makes the pages of the manual from what --help prints.
func newMan(_ screen) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual's pages, mp-policy(1) and one for each command, into a directory",
		Hidden: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return errors.New("man takes one directory: want mp-policy man DIR")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("the manual's pages cannot be written: %w", err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // a date would make each build another
			root.Long += "\n\n" + manCommands(root) + manFiles
			for _, c := range append(root.Commands(), root) {
				if c != root && !c.IsAvailableCommand() {
					continue
				}
				name := filepath.Join(args[0], strings.ReplaceAll(c.CommandPath(), " ", "-")+".1")
				text, err := manPage(c)
				if err == nil {
					err = os.WriteFile(name, text, 0o644)
				}
				if err != nil {
					return fmt.Errorf("the manual's pages cannot be written: %w", err)
				}
			}
			return nil
		},
	}
}

// manPage is one page, with the options as manuals have them: the generator writes
// --json[=false] and --root="/".
func manPage(c *cobra.Command) ([]byte, error) {
	var page bytes.Buffer
	c.InitDefaultHelpFlag()
	c.InitDefaultVersionFlag()
	if c.Name() == "run" {
		hideGlobal(c)
		defer c.InheritedFlags().VisitAll(func(f *pflag.Flag) { f.Hidden = false })
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !slices.Contains([]string{"", "false", "[]"}, f.DefValue) {
			f.Usage += " (default: " + f.DefValue + ")"
		}
	})
	err := doc.GenMan(c, &doc.GenManHeader{
		Section: "1", Source: "slurm-mp-policy " + version, Manual: "slurm-mp-policy", Date: &time.Time{},
	}, &page)
	// No month: it would be the build's, in the time zone of the build.
	text := strings.Replace(page.String(), `"Jan 0001"`, `""`, 1)
	text = manOption.ReplaceAllStringFunc(text, func(item string) string {
		m := manOption.FindStringSubmatch(item)
		value := ""
		if f := c.Flag(strings.ReplaceAll(m[2], `\`, "")); f != nil {
			value, _ = pflag.UnquoteUsage(f)
		}
		if value != "" {
			value = ` \fI` + value + `\fP`
		}
		return ".TP\n" + m[1] + value + "\n"
	})
	return []byte(text), err
}

// manOption is what the generator makes of an option, up to its text.
var manOption = regexp.MustCompile(`(?m)(?:^\.PP\n)?^((?:\\fB-[a-z]\\fP, )?\\fB--([a-z\\-]+)\\fP)\S*\n\t`)

// manCommands lists the commands, in the markup of the generator.
func manCommands(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# COMMANDS\n")
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			fmt.Fprintf(&b, "**%s**\n: %s. See mp-policy-%s(1).\n\n", c.Name(), c.Short, c.Name())
		}
	}
	return b.String()
}

const manFiles = `# EXIT STATUS
0 if all is well, 1 if what was looked at is not as it should be (check, rules,
doctor), 2 if the command line is wrong or names what cannot be read. Nothing is
written to standard output in the last case.

run ends as its command does. It returns 126 if the command cannot be started, 127 if
there is no such command, and 2 if none is given.

# ENVIRONMENT
**NO_COLOR**
: If it is not empty, there are no colours unless **--color**=always asks for them
(https://no-color.org). If the output is no terminal there are none either.

**SLURM_JOB_ID**
: The job that inspect looks at if its command line names nothing.

**SLURM_CONF**
: The slurm.conf that leads to plugstack.conf: check, doctor, explain, rules and run
read it.

**MP_POLICY**
: The words of --mp-policy, for run and explain, unless their option has others.

**SLURM_SPANK__SLURM_SPANK_OPTION_mp_policy_mp_policy**, **SLURM_SPANK__SLURM_SPANK_OPTION_mp_policy_no_mp_policy**
: What sbatch or salloc was given, for run and explain, if MP_POLICY is not set.

**OMPI_COMM_WORLD_RANK**, **PMIX_RANK**, **PMI_RANK**, **PALS_RANKID**, **MV2_COMM_WORLD_RANK**, **SLURM_PROCID**
: run prints no hint and no explanation if one of them is larger than 0.

explain and run take the whole environment for that of the step.

# FILES
**/etc/slurm/mp_policy.conf**
: The site's rules, see mp_policy.conf(5).

**/etc/slurm/mp_policy.off**
: Where this file is, the plugin does nothing, see mp_policy(8).
`
