// SPDX-License-Identifier: MIT

package launch

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/policy"
)

// outcome is what an evaluation gives: the environment and lines for stderr.
type outcome struct {
	changes []policy.Change
	lines   []string
	failed  string
}

// evaluate returns the command's environment. If no evaluation answers, an outer step's
// values are taken back all the same, as the plugin does it.
func evaluate(o options, env []string) ([]string, []string) {
	debug.SetGCPercent(-1) // as in the evaluator: what it reads is bounded
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

// undone is the environment without what an outer step has set.
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
	r := evaluation.Request{
		Root: "/", Config: settings.Words.Value("config"), Default: settings.Words.Value("default") == "on",
		Affinity: settings.Words.Value("affinity"), Hints: settings.Words.Value("hints") == "on",
		Option: o.words, Kind: "step", Argv: o.argv, Env: env,
		UID: os.Getuid(), GID: os.Getgid(), Node: rank(env), Tasks: 1, LocalTasks: 1,
	}
	r.Groups, _ = syscall.Getgroups() // the primary one is among the facts anyway
	if r.Dir, err = os.Getwd(); err != nil {
		return outcome{failed: err.Error()}
	}
	result := evaluation.Prepare(r).Decide([]evaluation.Task{{Mask: mask}})[0]
	out := outcome{changes: result.Changes}
	for _, line := range result.Messages {
		out.lines = append(out.lines, strings.TrimPrefix(line, evaluation.Prefix))
	}
	return out
}

// ranks are the variables in which launchers tell a process its number among the others.
var ranks = []string{"OMPI_COMM_WORLD_RANK=", "PMIX_RANK=", "PMI_RANK=", "PALS_RANKID=", "MV2_COMM_WORLD_RANK=", "SLURM_PROCID="}

// rank is this process's, 0 if none is told. Only rank 0 prints hints and explanations: the
// Request has it for the index of the node.
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
