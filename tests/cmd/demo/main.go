// SPDX-License-Identifier: MIT

// Command demo runs examples/matrix_pool.py on a private cluster, once with
// --no-mp-policy and once as everybody would, and prints both side by side. It
// needs root, what tests/install-deps installs, and the outputs of make.
//
// Both runs have in their environment what a site's modules leave behind, and
// the BLAS library that is built with OpenMP, as it is on most clusters.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"slurm-mp-policy/tests/cluster"
)

// program is the main job, under the name that it has in the user's directory.
const program = "matrix_pool.py"

// left is what the modules of many sites leave in the environment.
var left = []string{"OMP_PLACES=cores", "OMP_PROC_BIND=close"}

// openMPBLAS are the directories of Debian's OpenBLAS with OpenMP: the library is
// chosen by directory, for the runs of the demo only.
const openMPBLAS = "/usr/lib/*/openblas-openmp"

// result is what the program prints with --json, and what came with it.
type result struct {
	Workers   int               `json:"workers"`
	Seconds   float64           `json:"seconds"`
	Variables map[string]string `json:"variables"`
	Processes []worker          `json:"processes"`
	stderr    string
}

type worker struct {
	CPUs    string `json:"cpus"`
	Threads int    `json:"threads"`
}

func main() {
	build := flag.String("build", "build", "the build `directory`")
	example := flag.String("example", filepath.Join("examples", program), "the `program`")
	flag.Parse()
	if err := run(*build, *example); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(build, example string) (err error) {
	// the cluster must end in good order
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	script, err := os.ReadFile(example)
	if err != nil {
		return err
	}
	fmt.Println("Starting a private Slurm cluster on this machine ...")
	c, err := cluster.Start(cluster.Options{Plugin: build})
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := c.Stop(); err == nil {
			err = stopErr
		}
	}()
	// the user need not be able to read this checkout
	if err := os.WriteFile(filepath.Join(c.Home, program), script, 0o644); err != nil {
		return err
	}
	var results [2]*result
	for i, option := range []string{"--no-mp-policy ", ""} {
		command := fmt.Sprintf("srun %s-n 1 -c %d python3 %s", option, c.CPUs, program)
		fmt.Printf("Running  %s ...\n", command)
		if results[i], err = runJob(ctx, c, command); err != nil {
			return err
		}
	}
	fmt.Println()
	fmt.Print(report(c, results[0], results[1]))
	return nil
}

// runJob runs the command and decodes what it prints.
func runJob(ctx context.Context, c *cluster.Cluster, command string) (*result, error) {
	words := append(strings.Fields(command), "--json")
	cmd := c.Command(ctx, words[0], words[1:]...)
	cmd.Env = append(cmd.Env, left...)
	if dirs, _ := filepath.Glob(openMPBLAS); len(dirs) > 0 {
		cmd.Env = append(cmd.Env, "LD_LIBRARY_PATH="+dirs[0])
	} else {
		cmd.Env = append(cmd.Env, "FLEXIBLAS=OPENBLAS-OPENMP") // the same on RHEL
	}
	// an interrupted srun ends its step
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(words, " "), err, stderr.String())
	}
	r := &result{stderr: stderr.String()}
	if err := json.Unmarshal(stdout.Bytes(), r); err != nil {
		return nil, fmt.Errorf("%s: %w: %q", strings.Join(words, " "), err, stdout.String())
	}
	if len(r.Processes) == 0 {
		return nil, fmt.Errorf("%s: no worker did anything", strings.Join(words, " "))
	}
	return r, nil
}
