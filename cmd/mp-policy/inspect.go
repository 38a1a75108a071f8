// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"slurm-mp-policy/cmd/mp-policy/internal/inspect"
	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/policy"
)

// watchEvery is the time between two pages of --watch.
const watchEvery = 2 * time.Second

func newInspect(s screen) *cobra.Command {
	var job int
	var all, asJSON, watch bool
	st := step{root: "/", def: policy.DefaultOn}
	cmd := &cobra.Command{
		Use:   "inspect [PID | JOBID | --job JOBID | --all] [OPTIONS]",
		Short: "Show what a running job on this node really does",
		Long: `Show what a running job, or a process and all that it has started, does on this
node: each process with the CPUs that its threads may run on, those that they
ran on, its threads and its CPU use within a second; which processes are workers
of a Python program; the variables of the policy in their environment; what the
plugin takes the program for; and a drawing of the task's cores. Findings say
what is wrong and what to type.

PID is a process. A number that is no process is a JOBID. A number that is both
is the process; --job JOBID is the job. Without a number it is the job in which
the command runs (SLURM_JOB_ID).

The site's rules and what plugstack.conf says hold as at a launch. What is found
there, and the kill switch, are among the notes; with --builtin neither counts.

A user sees the user's own processes, root sees all. A process that ends in the
meantime is left out. A variable is shown as it was when the program began: what
the program has set later cannot be seen.

Exit status: 0, also if there are findings, which are about a job and not about
the plugin; 2 if the command line is wrong, or if there is no such process or
job on this node. The JSON of --json is described by
/usr/share/slurm-mp-policy/inspect.schema.json (docs/ in the sources).`,
		Example: `  mp-policy inspect 4711
  srun --overlap --jobid=1234 mp-policy inspect
  mp-policy inspect --job 1234 --watch
  mp-policy inspect --all --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			target, err := targetOf(args, job, cmd.Flags().Changed("job"), all)
			if err != nil {
				return err
			}
			st.given = cmd.Flags().Changed
			notes := st.readSite()
			o := inspect.Options{
				Root: "/", Target: target, UID: os.Geteuid(), Self: os.Getpid(), Judge: judge, Default: st.def, Deadline: st.deadline,
				Variables: st.policyVariables(), Sleep: time.Sleep, Now: time.Now,
			}
			page := func(w io.Writer) error {
				r, err := inspect.Inspect(o)
				if err != nil {
					return err
				}
				r.Notes = slices.Insert(r.Notes, 0, notes...)
				if asJSON {
					return writeJSON(w, r)
				}
				writeInspection(w, s, r)
				return nil
			}
			if !watch {
				return page(cmd.OutOrStdout())
			}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return watchPages(ctx, s, page)
		},
	}
	cmd.Flags().IntVar(&job, "job", 0, "the processes of job `JOBID` on this node")
	cmd.Flags().BoolVar(&all, "all", false, "all jobs here, and other Python programs with workers")
	cmd.Flags().BoolVar(&st.builtin, "builtin", false, "only the built-in rules, without a site's")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&watch, "watch", false, "print again every 2 seconds, until all have ended")
	return cmd
}

// targetOf returns the target that the command line names, else the job of this process.
func targetOf(args []string, job int, jobGiven, all bool) (inspect.Target, error) {
	named := len(args)
	for _, given := range []bool{jobGiven, all} {
		if given {
			named++
		}
	}
	switch {
	case named > 1:
		return inspect.Target{}, errors.New("inspect takes one of PID, JOBID, --job JOBID and --all: give one of them")
	case all:
		return inspect.Target{Kind: inspect.All}, nil
	case jobGiven && job < 1:
		return inspect.Target{}, fmt.Errorf("--job %d: want the number of a job, as squeue prints it", job)
	case jobGiven:
		return inspect.Target{Kind: inspect.Job, ID: job}, nil
	case len(args) == 1:
		id, err := strconv.Atoi(args[0])
		if err != nil || id < 1 {
			return inspect.Target{}, fmt.Errorf("inspect %q: want the number of a process or job, as ps or squeue prints it", args[0])
		}
		return inspect.Target{Kind: inspect.Number, ID: id}, nil
	}
	id, err := strconv.Atoi(os.Getenv("SLURM_JOB_ID"))
	if err != nil || id < 1 {
		return inspect.Target{}, errors.New("inspect needs to know what to look at: want a PID, a JOBID or --all, " +
			"or to run within a job: srun --overlap --jobid=JOBID mp-policy inspect")
	}
	return inspect.Target{Kind: inspect.Job, ID: id}, nil
}

// policyVariables are the variables that the rules of this node may set or remove. If the site's
// policy cannot be read, they are those of the built-in rules.
func (st *step) policyVariables() (names []string) {
	rules, _ := policy.Builtin()
	var site policy.Rules
	if !st.builtin {
		site, _ = evaluation.Site(st.config)
	}
	for _, list := range []policy.Rules{rules, site} {
		for _, rule := range list.All() {
			for _, action := range rule.Actions {
				if action.Name != "" && !slices.Contains(names, action.Name) {
					names = append(names, action.Name)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

// watchPages prints a page again and again. It ends without an error if it is
// interrupted, or if there was something to look at and it has ended.
func watchPages(ctx context.Context, s screen, page func(io.Writer) error) error {
	for first := true; ; first = false {
		next := time.Now().Add(watchEvery)
		err := s.show(page)
		if errors.Is(err, inspect.ErrNone) && !first {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(next)):
		}
	}
}
