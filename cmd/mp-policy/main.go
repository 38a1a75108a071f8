// SPDX-License-Identifier: MIT

// Command mp-policy shows what the plugin knows of a node and what it would do
// there.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"slurm-mp-policy/cmd/mp-policy/internal/launch"
)

// The exit codes, which every page of the manual has.
const (
	exitFindings = 1 // what was looked at is not as it should be
	exitUsage    = 2 // the command line is wrong, or names what cannot be read
)

// errFindings ends a command whose output says what is wrong.
var errFindings = errors.New("findings")

// version is that of the package; the Makefile sets it.
var version = "(development)"

func main() {
	os.Exit(run(os.Args[1:], screenOf(os.Stdout), os.Stdout, os.Stderr))
}

// run is the whole tool. What it prints on out is written when it is complete:
// who reads it never has half of it.
func run(args []string, s screen, out, errs io.Writer) int {
	if len(args) > 0 && args[0] == "run" && !asksForHelp(args[1:]) {
		return launch.Main(args[1:])
	}
	var page bytes.Buffer
	root := newRoot(s)
	root.SetArgs(args)
	root.SetOut(&page)
	root.SetErr(errs)
	err := root.Execute()
	if err == nil || errors.Is(err, errFindings) {
		if _, err := out.Write(page.Bytes()); err != nil {
			fmt.Fprintln(errs, "mp-policy:", err)
			return exitUsage
		}
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errFindings):
		return exitFindings
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(errs, "mp-policy:", printable(strings.TrimRight(line, "\n")))
	}
	return exitUsage
}

// more are commands that not every build has; see man.go.
var more []func(screen) *cobra.Command

func newRoot(s screen) *cobra.Command {
	root := &cobra.Command{
		Use:   "mp-policy COMMAND",
		Short: "Show what slurm-mp-policy knows of a node and does there",
		Long: `Show what slurm-mp-policy, the Slurm plugin that gives Python multiprocessing
steps the right environment, knows of a node and does there.

Everything is read and nothing is changed, but record writes into a new directory, and
run becomes a command.
No command needs root, and doctor sees more with it.`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			hint := ""
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				hint = ": did you mean " + strings.Join(near, " or ") + "?"
			}
			return fmt.Errorf("there is no command %q%s; mp-policy --help lists them", args[0], hint)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetVersionTemplate("mp-policy {{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true // packages have them
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var invalid *pflag.InvalidValueError
		if errors.As(err, &invalid) { // whose text is strconv's
			want := map[string]string{"int": "a whole number", "bool": "true or false"}[invalid.GetFlag().Value.Type()]
			err = fmt.Errorf("--%s %q: want %s", invalid.GetFlag().Name, invalid.GetValue(), want)
		}
		return fmt.Errorf("%w; %s --help lists the options", err, cmd.CommandPath())
	})
	// the line with COMMAND says it
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "\n  {{.CommandPath}} [command]", "", 1))
	root.AddCommand(
		newExplain(s),
		newCheck(s),
		newRules(s),
		newNode(s),
		newRecord(s),
		newDoctor(s),
		newRun(),
	)
	for _, command := range more {
		root.AddCommand(command(s))
	}
	root.InitDefaultHelpCmd()
	for _, command := range append(root.Commands(), root) {
		if command.Name() == "help" {
			command.Args = func(_ *cobra.Command, args []string) error {
				if of, _, err := root.Find(args); err != nil || of == root {
					return root.Args(root, args)
				}
				return nil
			}
		}
		command.DisableFlagsInUseLine = true // each says what it takes
	}
	return root
}

// noArgs is cobra.NoArgs with a message that says what to do.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes no %q: want %s", cmd.Name(), args[0], cmd.UseLine())
}

// notBoth refuses two options that say the same thing in two ways.
func notBoth(cmd *cobra.Command, one, other string) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if cmd.Flags().Changed(one) && cmd.Flags().Changed(other) {
			return fmt.Errorf("--%s and --%s exclude each other: give one of them", one, other)
		}
		return nil
	}
}

// complete offers the words of an option to the shell.
func complete(cmd *cobra.Command, option string, words []string) {
	err := cmd.RegisterFlagCompletionFunc(option, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // there is no such option
	}
}
