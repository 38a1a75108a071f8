// SPDX-License-Identifier: MIT

package launch

import (
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/policy"
)

// outcome is the result of an evaluation: the environment and lines for stderr.
type outcome struct {
	changes []policy.Change
	lines   []string
	failed  string
}

// evaluate returns the command's environment. If no evaluation answers, it still takes
// back the values of an outer step, as the plugin does.
func evaluate(o options, env []string) ([]string, []string) {
	debug.SetGCPercent(-1) // as in the evaluator, because its input is bounded
	start := time.Now()
	known := make(chan time.Duration, 1)
	answer := make(chan outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				answer <- outcome{failed: fmt.Sprint("the evaluation panicked: ", p)}
			}
		}()
		answer <- decide(o, env, known)
	}()
	deadline := standardDeadline
	timer := time.NewTimer(deadline)
	for {
		select {
		case deadline = <-known:
			timer.Reset(time.Until(start.Add(deadline)))
		case got := <-answer:
			if got.failed != "" {
				return undone(env), []string{"run: " + got.failed + "; the command runs without the policy"}
			}
			return policy.Apply(env, got.changes), got.lines
		case <-timer.C:
			return undone(env), []string{fmt.Sprintf("run: no evaluation within %v; the command runs without the policy", deadline)}
		}
	}
}

// undone is the environment without the settings of an outer step.
func undone(env []string) []string { return policy.Apply(env, undo(env)) }

func undo(env []string) []policy.Change {
	values := map[string]string{}
	for _, entry := range env {
		name, value, ok := strings.Cut(entry, "=")
		if _, twice := values[name]; ok && !twice { // the first counts, as for getenv(3)
			values[name] = value
		}
	}
	return policy.Rules{}.Decide(policy.Facts{Env: values}).Changes
}

func decide(o options, env []string, known chan<- time.Duration) outcome {
	settings, err := site.Host{}.Read()
	if err != nil {
		return outcome{failed: err.Error()}
	}
	known <- settings.Words.Deadline()
	if settings.Off {
		out := outcome{changes: undo(env)}
		if o.has("explain") {
			out.lines = []string{"off: " + site.KillSwitch + " is there"}
		}
		return out
	}
	mask, err := site.OwnMask()
	if err != nil {
		return outcome{failed: err.Error()}
	}
	r := evaluation.DefaultRequest()
	r.Config, r.Default = settings.Words.Value("config"), settings.Words.Value("default")
	r.Affinity, r.Hints = settings.Words.Value("affinity"), settings.Words.Value("hints") == "on"
	r.Deadline = settings.Words.Deadline()
	r.Option, r.Argv, r.Env = o.words, o.argv, env
	r.UID, r.GID, r.Node, r.Elsewhere = os.Getuid(), os.Getgid(), rank(env), !soleTask(env)
	r.Groups, _ = syscall.Getgroups() // the primary one is among the facts anyway
	if r.Dir, err = os.Getwd(); err != nil {
		return outcome{failed: err.Error()}
	}
	e := evaluation.Prepare(r)
	for _, note := range settings.Notes("default", "affinity", "config") {
		e.Note(note)
	}
	result := e.Decide([]evaluation.Task{{Mask: mask}})[0]
	out := outcome{changes: result.Changes}
	for _, line := range result.Messages {
		out.lines = append(out.lines, strings.TrimPrefix(line, evaluation.Prefix))
	}
	return out
}

// soleTask reports whether srun has started this process as the only task of its step.
// Otherwise the CPUs are those of a batch script, or tasks share them, or a launcher has
// given them.
func soleTask(env []string) bool {
	for _, entry := range env {
		for _, name := range ranks {
			if strings.HasPrefix(entry, name) && !strings.HasPrefix(name, "SLURM_") && !strings.HasPrefix(name, "PMI") {
				return false
			}
		}
	}
	return slices.Contains(env, "SLURM_STEP_NUM_TASKS=1")
}

// ranks are the variables in which launchers tell a process its number among the others.
var ranks = []string{"OMPI_COMM_WORLD_RANK=", "PMIX_RANK=", "PMI_RANK=", "PALS_RANKID=", "MV2_COMM_WORLD_RANK=", "SLURM_PROCID="}

// rank returns the number of this process, or 0 without one. Only rank 0 prints hints and
// explanations, so the Request has the rank in place of the index of the node.
func rank(env []string) int {
	highest := 0
	for _, entry := range env {
		for _, name := range ranks {
			if text, ok := strings.CutPrefix(entry, name); ok {
				if n, err := strconv.Atoi(text); err == nil {
					highest = max(highest, n)
				}
			}
		}
	}
	return highest
}
