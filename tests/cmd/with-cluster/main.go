// SPDX-License-Identifier: MIT

// Command with-cluster runs a command on a private Slurm cluster.
//
//	with-cluster [flags] -- COMMAND [ARGUMENT]...
//
// It starts a cluster, runs the command with the environment that leads to it,
// as an ordinary user or as root, ends the cluster and exits with the command's
// exit status, or with 125 when it could not run it.
//
//	with-cluster --plugin -- srun --mp-policy=explain python3 job.py
//	with-cluster --root -- bash
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"slurm-mp-policy/tests/cluster"
)

// noRun is the exit status for errors of our own, as of env(1) and timeout(1).
const noRun = 125

type flags struct {
	plugin    bool
	build     string
	plugstack string
	nodes     int
	cpus      int
	conf      []string
	noCgroup  bool
	root      bool
	keep      string
	cd        bool
	quiet     bool
}

func main() {
	var f flags
	flag.BoolVar(&f.plugin, "plugin", false, "install the plugin from the build directory, and load it")
	flag.StringVar(&f.build, "build", "build", "the build `directory`")
	flag.StringVar(&f.plugstack, "plugstack", "", "plugstack.conf is a copy of this `file`")
	flag.IntVar(&f.nodes, "nodes", 1, "number of nodes")
	flag.IntVar(&f.cpus, "cpus", 0, "CPUs of a node (default: all that this process may run on)")
	flag.Func("conf", "`line` of slurm.conf, in place of the one with its key (repeatable)", func(line string) error {
		f.conf = append(f.conf, line)
		return nil
	})
	flag.BoolVar(&f.noCgroup, "no-cgroup", false, "do not use cgroups, do not bind tasks")
	flag.BoolVar(&f.root, "root", false, "run the command as root, here and with this environment")
	flag.BoolVar(&f.cd, "here", false, "run the command in the current directory, not in the user's")
	flag.StringVar(&f.keep, "dir", "", "the cluster's `directory`, which stays, with its logs")
	flag.BoolVar(&f.quiet, "quiet", false, "do not say what cluster it is")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: with-cluster [flags] -- COMMAND [ARGUMENT]...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(noRun)
	}
	code, err := run(&f, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "with-cluster:", err)
	}
	os.Exit(code)
}

func run(f *flags, args []string) (code int, err error) {
	o := cluster.Options{Dir: f.keep, Nodes: f.nodes, CPUs: f.cpus, SlurmConf: f.conf, NoCgroup: f.noCgroup}
	if f.plugstack != "" {
		text, err := os.ReadFile(f.plugstack)
		if err != nil {
			return noRun, err
		}
		o.Plugstack = string(text)
	}
	if f.plugin {
		o.Plugin = f.build
	}
	// the cluster must end after the command, however the user ends the command
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	c, err := cluster.Start(o)
	if err != nil {
		return noRun, err
	}
	defer func() {
		if stopErr := c.Stop(); stopErr != nil {
			code, err = noRun, errors.Join(err, stopErr)
		}
	}()
	if !f.quiet {
		fmt.Fprintln(os.Stderr, "with-cluster:", describe(c))
	}
	return runCommand(command(c, f, args), signals)
}

func describe(c *cluster.Cluster) string {
	binding := "tasks confined"
	switch {
	case c.Cgroup:
	case c.Bound:
		binding = "tasks bound"
	default:
		binding = "tasks neither confined nor bound"
	}
	return fmt.Sprintf("Slurm %s, %s, %d CPUs each, %s, %s", c.Version, strings.Join(c.NodeNames, " "), c.CPUs, binding, c.Cgroups())
}

func command(c *cluster.Cluster, f *flags, args []string) *exec.Cmd {
	var cmd *exec.Cmd
	if f.root {
		cmd = exec.Command(args[0], args[1:]...)
		cmd.Env = append(os.Environ(), c.Env()...)
	} else {
		cmd = c.Command(context.Background(), args[0], args[1:]...)
		if f.cd {
			cmd.Dir = ""
		}
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd
}

// runCommand runs the command and hands it the signals that it does not get
// from the terminal anyway.
func runCommand(cmd *exec.Cmd, signals <-chan os.Signal) (int, error) {
	if err := cmd.Start(); err != nil {
		return noRun, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			if sig == syscall.SIGTERM || sig == syscall.SIGHUP {
				cmd.Process.Signal(sig)
			}
		case err := <-ended:
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				return 0, err
			}
			status := exit.Sys().(syscall.WaitStatus)
			if status.Signaled() {
				return 128 + int(status.Signal()), nil
			}
			return status.ExitStatus(), nil
		}
	}
}
