// SPDX-License-Identifier: MIT

package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"slurm-mp-policy/cmd/mp-policy/internal/launch"
)

// newRun is the command for --help, the manual and the shells' completions. The command line itself
// goes to launch.Main without cobra. cobra refuses wrong options, and the command has to run all the
// same.
func newRun() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run [--mp-policy=WORDS] [--no-mp-policy] [--] COMMAND [ARG...]",
		Short: "Run a command with the settings that a task of a step would get",
		Long: `Run COMMAND with the settings that it would get as the task of a step that has
the CPUs of this process: for batch scripts that start Python without srun, ranks
of mpirun, notebooks, login shells and other schedulers.

The words of plugstack.conf, the kill switch, the site's rules and MP_POLICY hold
as at a launch. A hint or an explanation goes to standard error; of the ranks of
mpirun or srun only rank 0 prints it.

COMMAND takes the place of this process and keeps its number, descriptors, signals
and limits. It runs whatever goes wrong: then one line on standard error says
why it has no settings.

Exit status: 0 or another of COMMAND's own; 126 if COMMAND cannot be started; 127 if
there is no such command; 2 if the command line has no COMMAND.`,
		Example: `  mp-policy run -- python3 train.py
  mpirun -n 4 mp-policy run -- python3 ranks.py
  mp-policy run --mp-policy=workers=4,explain -- python3 train.py`,
		RunE: func(_ *cobra.Command, args []string) error {
			launch.Main(args)
			return errFindings
		},
	}
	cmd.Flags().SetInterspersed(false) // what follows the command is the command's
	cmd.Flags().String("mp-policy", "", "the `WORDS` of srun's option of the same name")
	cmd.Flags().Bool("no-mp-policy", false, "run COMMAND without the policy, and take back what an outer step has set")
	completeWords(cmd)
	// It prints nothing that has colours, and what is no option of its own is the command's.
	cmd.SetUsageFunc(func(cmd *cobra.Command) error {
		hideGlobal(cmd)
		return cmd.Root().UsageFunc()(cmd)
	})
	return cmd
}

// hideGlobal leaves the options of all commands out of this one's help and manual.
func hideGlobal(cmd *cobra.Command) {
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { f.Hidden = true })
}

// asksForHelp reports whether help is asked for before the command.
func asksForHelp(args []string) bool {
	for i := 0; i < len(args) && strings.HasPrefix(args[i], "-") && args[i] != "--"; i++ {
		switch args[i] {
		case "--help", "-h":
			return true
		case "--mp-policy":
			i++ // its words
		}
	}
	return false
}
