// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/mattn/go-shellwords"
)

// explainer has a built mp-policy explain programs.
type explainer struct {
	tool      string   // path of mp-policy
	checkouts string   // directory of the checkouts
	options   []string // more options of explain
}

// verdict is what a step that runs a program would get.
type verdict string

const (
	capped    verdict = "capped"    // threads of each worker, and binding undone
	guarded   verdict = "guarded"   // binding undone, threads left as they are
	untouched verdict = "untouched" // neither
)

// binding is in the environment that a program is explained in. It collapses the
// threads and workers of a task, so a rule that sees workers unsets it.
const binding = "OMP_PLACES"

// explain returns what mp-policy would do with the program.
func (e explainer) explain(ctx context.Context, p program) (verdict, error) {
	argv, err := shellwords.Parse(p.command)
	if err != nil {
		return "", fmt.Errorf("%w; quote the command as a shell would", err)
	}
	args := []string{"explain", "--json", "--builtin", "--clean-env", "--env", "PATH=" + os.Getenv("PATH"), "--env", binding + "=cores"}
	args = append(append(args, e.options...), "--")
	cmd := exec.CommandContext(ctx, e.tool, append(args, argv...)...)
	cmd.Dir = filepath.Join(p.checkout(e.checkouts), p.directory)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s in %s: %w: %s", e.tool, cmd.Dir, err, strings.TrimSpace(stderr.String()))
	}
	return parseVerdict(stdout.Bytes())
}

// parseVerdict derives the verdict from explain's JSON, docs/explain.schema.json.
func parseVerdict(text []byte) (verdict, error) {
	var explained struct {
		Settings []struct{ Action, Name string }
	}
	if err := json.Unmarshal(text, &explained); err != nil {
		return "", fmt.Errorf("explain's JSON: %w", err)
	}
	got := untouched
	for _, s := range explained.Settings {
		if s.Action == "set" && s.Name == "OMP_NUM_THREADS" {
			return capped, nil
		}
		if s.Action == "unset" && s.Name == binding {
			got = guarded
		}
	}
	return got, nil
}
