// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slurm-mp-policy/cmd/mp-policy/internal/words"
	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
)

// explainVersion is the version of explain's JSON, docs/explain.schema.json. It rises
// with every change.
const explainVersion = 3

// step is the description of a step by the options of explain.
type step struct {
	root, cpus, cwd, policy, words, kind string
	config                               string // the site's policy file
	affinity, def                        string
	deadline                             time.Duration // 0 for the default
	partition, account, qos, user, group string
	env                                  []string
	tasks, perTask                       int
	cleanEnv, builtin                    bool
	given                                func(option string) bool // whether it is on the command line
	argv                                 []string
}

func newExplain(s screen) *cobra.Command {
	var st step
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain [OPTIONS] -- COMMAND...",
		Short: "Print what a step would get, and why",
		Long: `Print what one task of a step that runs COMMAND would get, and why: as the
plugin decides it at a launch, on this node or on a recorded one. Nothing is
run. COMMAND and its files are looked up on this machine also where --root names
another one's directory.

Of each variable it prints what is done (set, unset, or keep for a value of the
user's own that a rule would have set), the rule, and the file and line of the
rule's action.

With -c N the task has the N CPUs that Slurm gives the first task of an empty
node: whole cores, one socket after the other, the last one in part if N is no
multiple of its threads. (With a cyclic distribution Slurm takes other cores, and
as many.) The node, and what a rule calls node_cpus, stay what
they are; the limits of this process's cgroups do not count.

The environment is the caller's, as with srun, and what --env adds to it;
--clean-env starts with none.

Exit status: 0, or 2 where the command line is wrong or names what cannot be
read. The JSON of --json is described by
/usr/share/slurm-mp-policy/explain.schema.json (docs/ in the sources).`,
		Example: `  mp-policy explain -- python3 train.py
  mp-policy explain -c 16 --tasks 4 -- python3 train.py
  srun -c 4 mp-policy explain --cpus self -- python3 train.py
  mp-policy explain --cpus 0-15 --tasks 4 --partition gpu -- python3 train.py
  mp-policy explain --root ./knl-node -c 64 --json -- python3 train.py`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "" {
				return errors.New("there is no command to explain: want one behind --, as in mp-policy explain -- python3 train.py")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			debug.SetGCPercent(-1) // as in the evaluator: programs are followed equally far
			st.argv, st.given = args, cmd.Flags().Changed
			e, err := st.explain(cmd.InOrStdin())
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), e)
			}
			e.write(cmd.OutOrStdout(), s)
			return nil
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false) // the words after the command belong to the command
	f.StringVar(&st.root, "root", "/", "explain for the node that was recorded in `DIR` (mp-policy record)")
	f.StringVar(&st.cpus, "cpus", "", "the task's affinity mask, a `LIST` such as 0-15,64-79, or self for that of this process (default: all online CPUs)")
	f.IntVarP(&st.perTask, "cpus-per-task", "c", 0, "the task has `N` CPUs, as with srun -c: the first ones, whole cores first")
	f.IntVar(&st.tasks, "tasks", 1, "the step has `N` tasks")
	f.StringVar(&st.cwd, "cwd", "", "the step's working `DIR` (default: the current one)")
	f.StringArrayVar(&st.env, "env", nil, "add `NAME=VALUE` to the step's environment; may be repeated")
	f.BoolVar(&st.cleanEnv, "clean-env", false, "start from no environment instead of the caller's")
	f.StringVar(&st.policy, "policy", "", "read the site's rules from `FILE`, whoever owns it; - is standard input (default: "+defaultPolicy+", if it may be believed)")
	f.BoolVar(&st.builtin, "builtin", false, "the built-in rules alone, without a site's")
	f.StringVar(&st.words, "mp-policy", "", "the step is started with --mp-policy=`WORDS`")
	f.StringVar(&st.affinity, "affinity", words.This.Standard("affinity"), "the word of plugstack.conf: `"+strings.Join(affinities, "|")+"`")
	f.StringVar(&st.def, "default", words.This.Standard("default"), "the word of plugstack.conf: `"+strings.Join(defaults, "|")+"`")
	f.StringVar(&st.kind, "kind", "step", "what is started: `step|batch|interactive`, an srun, a batch script or an salloc shell")
	f.StringVar(&st.partition, "partition", "", "the job's partition is `NAME`, as SLURM_JOB_PARTITION in its environment")
	f.StringVar(&st.account, "account", "", "the job's account is `NAME`, as SLURM_JOB_ACCOUNT")
	f.StringVar(&st.qos, "qos", "", "the job's QOS is `NAME`, as SLURM_JOB_QOS")
	f.StringVar(&st.user, "user", "", "the job's user is `NAME` or a number (default: the caller)")
	f.StringVar(&st.group, "group", "", "the job's group is `NAME` or a number (default: the caller's)")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	notBoth(cmd, "policy", "builtin")
	notBoth(cmd, "cpus", "cpus-per-task")
	complete(cmd, "affinity", affinities)
	complete(cmd, "default", defaults)
	complete(cmd, "kind", kinds)
	completeWords(cmd)
	return cmd
}

// The words that options take.
var (
	affinities = words.This.Choices("affinity")
	defaults   = words.This.Choices("default")
	kinds      = []string{"step", "batch", "interactive"}
)

func (st *step) explain(stdin io.Reader) (*explanation, error) {
	if err := st.check(); err != nil {
		return nil, err
	}
	notes := st.readSite()
	fs := nodeinfo.New(st.root)
	node, nodeErr := fs.Node()
	mask, err := st.mask(fs)
	if err != nil {
		return nil, err
	}
	request, err := st.request(mask, node.CPUs)
	if err != nil {
		return nil, err
	}
	var site policy.Rules
	var errs parseErrors
	if st.given("policy") {
		if site, errs, err = readPolicy(st.policy, stdin); err != nil {
			return nil, fmt.Errorf("--policy: %w", err)
		}
	}
	prepare := evaluation.Prepare
	if st.recorded() {
		prepare = func(r evaluation.Request) *evaluation.Evaluation { return evaluation.PrepareOn(st.root, r) }
	}
	e := prepare(request)
	e.AddRules(site)
	tasks := []evaluation.Task{{Mask: mask}}
	result := e.Decide(tasks)[0]
	cores, coresErr := fs.Cores(mask)

	x := &explanation{
		Version: explainVersion, Node: node, Active: e.Active, Observed: e.Observed, Left: result.Left, Workload: result.Workload.Tags, Program: result.Workload.Program,
		Allocation: allocation{CPUs: result.Allocation.CPUs, Cores: cores, Mask: mask.String()},
		Python:     result.Workload.Python.String(), Direct: result.Workload.Direct, Workers: result.Workload.Workers,
		Settings: result.Settings,
	}
	if result.Allocation.Limited() {
		x.Allocation.Quota = result.Allocation.Quota
	}
	for _, ev := range result.Workload.Evidence {
		x.Evidence = append(x.Evidence, evidence{ev.Tag, ev.File, ev.Line, ev.Text, ev.Way})
	}
	for _, h := range result.Hints {
		x.Hints = append(x.Hints, h.Text)
	}
	if !e.Choice.Explain {
		x.Messages = result.Messages
	}
	further := notes
	for _, err := range slices.Concat(errs, split(errors.Join(nodeErr, coresErr))) {
		further = append(further, strings.Split(err.Error(), "\n")...)
	}
	result.Allocation.Cores = cores // also if no rule has asked for them
	x.lines = e.Explain([]evaluation.Result{result}, tasks, further...)
	x.Notes = slices.Concat(result.Notes, e.Notes(further...))
	x.restored(result.Decision)
	x.fill()
	return x, nil
}

// check looks for errors in the options themselves.
func (st *step) check() error {
	if err := directory("--root", st.root, recordedDirectory); err != nil {
		return err
	}
	st.root = filepath.Clean(st.root)
	if st.given("cwd") {
		if err := directory("--cwd", st.cwd, "the step's working directory"); err != nil {
			return err
		}
	}
	if st.tasks < 1 {
		return fmt.Errorf("--tasks %d: want 1 or more", st.tasks)
	}
	if st.given("cpus-per-task") && st.perTask < 1 {
		return fmt.Errorf("-c %d: want 1 or more", st.perTask)
	}
	for _, o := range []struct {
		option, value string
		allowed       []string
	}{
		{"--affinity", st.affinity, affinities},
		{"--default", st.def, defaults},
		{"--kind", st.kind, kinds},
	} {
		if !slices.Contains(o.allowed, o.value) {
			return fmt.Errorf("%s %q is not known: want %s", o.option, o.value, strings.Join(o.allowed, ", "))
		}
	}
	for _, entry := range st.env {
		if name, _, ok := strings.Cut(entry, "="); !ok || name == "" {
			return fmt.Errorf("--env %q: want NAME=VALUE", entry)
		}
	}
	if st.given("mp-policy") { // srun refuses an empty one too
		if _, err := policy.ParseChoice(st.words); err != nil {
			return fmt.Errorf("--mp-policy=%s: %w", st.words, err)
		}
	}
	return nil
}
