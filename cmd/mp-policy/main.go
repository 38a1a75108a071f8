// SPDX-License-Identifier: MIT

// Command mp-policy shows the facts that the plugin uses about a node, and its decisions.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"slurm-mp-policy/cmd/mp-policy/internal/launch"
	"slurm-mp-policy/plaintext"
	"slurm-mp-policy/policy"
)

// The exit codes, which every page of the manual has.
const (
	exitFindings = 1 // something is not as it should be
	exitUsage    = 2 // the command line is wrong, or names a file that cannot be read
)

// errFindings is the error of a command that has printed findings.
var errFindings = errors.New("findings")

// version is the version of the package. The Makefile sets it.
var version = "(development)"

func main() {
	os.Exit(run(os.Args[1:], screenOf(os.Stdout), os.Stdout, os.Stderr))
}

// run is the whole tool. It writes to out only when the output is complete, so a reader never has
// half of it.
func run(args []string, s screen, out, errs io.Writer) int {
	if after := behindColour(args); len(after) > 0 && after[0] == "run" && !asksForHelp(after[1:]) {
		return launch.Main(after[1:])
	}
	var page bytes.Buffer
	s.live = out
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
		fmt.Fprintln(errs, "mp-policy:", plaintext.Printable(strings.TrimRight(line, "\n")))
	}
	return exitUsage
}

// behindColour returns the arguments without a --color before the command. The command run needs
// its own arguments unchanged.
func behindColour(args []string) []string {
	for len(args) > 0 {
		switch {
		case strings.HasPrefix(args[0], "--color="):
			args = args[1:]
		case args[0] == "--color" && len(args) > 1:
			args = args[2:]
		default:
			return args
		}
	}
	return args
}

// more are commands that only some builds have; see man.go.
var more []func(screen) *cobra.Command

func newRoot(s screen) *cobra.Command {
	when := coloursAuto
	s.when = &when
	root := &cobra.Command{
		Use:   "mp-policy COMMAND",
		Short: "Show what slurm-mp-policy knows of a node and does there",
		Long: `Show what slurm-mp-policy, the Slurm plugin that gives Python multiprocessing
steps the right environment, knows of a node and does there.

Everything is read and nothing is changed, but record writes into a new directory,
report --html writes its page, and run becomes a command.
No command needs root; doctor and inspect see more with it.`,
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
		if errors.As(err, &invalid) { // its text comes from strconv
			want := map[string]string{"int": "a whole number", "bool": "true or false", "colour": strings.Join(colourChoices, ", ")}[invalid.GetFlag().Value.Type()]
			err = fmt.Errorf("--%s %q: want %s", invalid.GetFlag().Name, invalid.GetValue(), want)
		}
		return fmt.Errorf("%w; %s --help lists the options", err, cmd.CommandPath())
	})
	root.PersistentFlags().Var(&when, "color", "colours in the output: `WHEN` is always, never or auto, for a terminal unless NO_COLOR is set")
	complete(root, "color", colourChoices)
	root.SetUsageTemplate(strings.NewReplacer(
		"\n  {{.CommandPath}} [command]", "", // the line with COMMAND is enough
		".FlagUsages", ".FlagUsagesWrapped 80",
	).Replace(root.UsageTemplate()))
	root.AddCommand(
		newExplain(s),
		newCheck(s),
		newRules(s),
		newNode(s),
		newRecord(s),
		newDoctor(s),
		newInspect(s),
		newJudge(s),
		newRun(),
		newReport(s),
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
		command.DisableFlagsInUseLine = true // each use line has its options
		command.Long = filled(command.Long)
	}
	return root
}

// filled fills the paragraphs of a text to the width of a page. A paragraph with an indented line
// stays as it is.
func filled(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		if !strings.HasPrefix(p, " ") && !strings.Contains(p, "\n ") {
			paragraphs[i] = wrap(strings.Join(strings.Fields(p), " "), "")
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// noArgs is cobra.NoArgs with a message that has the remedy.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes no %q: want %s", cmd.Name(), args[0], cmd.UseLine())
}

// notBoth refuses two options that exclude each other.
func notBoth(cmd *cobra.Command, one, other string) {
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed(one) && cmd.Flags().Changed(other) {
			return fmt.Errorf("--%s and --%s exclude each other: give one of them", one, other)
		}
		if before == nil {
			return nil
		}
		return before(cmd, args)
	}
}

// completeWords offers the words of --mp-policy to the shell, also after a comma. It leaves out words
// that are there already, and words that the words before exclude.
func completeWords(cmd *cobra.Command) {
	err := cmd.RegisterFlagCompletionFunc("mp-policy", func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		at := strings.LastIndexByte(typed, ',') + 1
		before := typed[:at]
		var words []string
		for _, word := range policy.ChoiceWords() {
			whole := before + word
			if strings.HasSuffix(word, "=") {
				whole += "1"
			}
			name, _, _ := strings.Cut(word, "=")
			given := slices.ContainsFunc(strings.Split(before, ","), func(w string) bool { return w == name || strings.HasPrefix(w, name+"=") })
			if _, err := policy.ParseChoice(whole); err == nil && !given && strings.HasPrefix(word, typed[at:]) {
				words = append(words, before+word)
			}
		}
		if len(words) == 1 && strings.HasSuffix(words[0], "=") {
			return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // there is no such option
	}
}

// complete offers the words of an option to the shell.
func complete(cmd *cobra.Command, option string, words []string) {
	err := cmd.RegisterFlagCompletionFunc(option, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // there is no such option
	}
}
