// SPDX-License-Identifier: MIT

// Package cluster starts a private Slurm cluster on this machine: munged with a new key, slurmctld and
// slurmd, in a separate directory, on free ports. It needs root, as slurmd does, and runs commands as an
// ordinary user (see [UserVariable]).
//
// The daemons are children of a supervisor, which is a second process of this program (see
// supervisor.go). When the program that called [Start] ends, also by kill -9, the supervisor ends all
// processes of the cluster and removes all its files. So programs that import this package must not
// change their arguments before init functions have run.
package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Options describe the cluster. The zero value is one node with the CPUs of this process, in a temporary
// directory, with an empty plugstack.conf.
type Options struct {
	// Dir is the cluster's directory. It is created if it is missing, and stays,
	// with the logs, after Stop. "" makes a temporary one under /tmp (see
	// [BaseVariable]), which Stop removes. Every directory above it must be open to the ordinary user.
	Dir string
	// Plugstack is the text of plugstack.conf.
	Plugstack string
	// Plugin is a build directory of this project. Its plugin is installed before
	// slurmd starts, as InstallPlugin does it, and PluginLine is added to
	// plugstack.conf.
	Plugin string
	// Nodes is the number of nodes, one slurmd each; 0 means 1.
	Nodes int
	// CPUs is the number of CPUs of each node; 0 means as many as this
	// process may run on. The nodes share the machine's CPUs.
	CPUs int
	// SlurmConf has lines for slurm.conf. A line replaces the cluster's own
	// line of the same key; SlurmdParameters are added to the cluster's own.
	SlurmConf []string
	// OwnConf gives each node a directory of configuration files of its own, as on a
	// cluster of several machines: see WriteNodePlugstack.
	OwnConf bool
	// Configless has the nodes fetch their configuration from slurmctld
	// (https://slurm.schedmd.com/configless_slurm.html).
	Configless bool
	// NoCgroup leaves the tasks where slurmd runs and does not bind them.
	NoCgroup bool
}

// Cluster is a running cluster.
type Cluster struct {
	Dir          string   // the cluster's directory, owned by root, open to all
	Conf         string   // path of slurm.conf
	Version      string   // of Slurm, "22.05.8"
	NodeConfs    []string // with OwnConf: each node's slurm.conf
	NodeNames    []string // no other cluster on this machine has the same
	CPUs         int      // per node
	User         string   // the ordinary user
	UID, GID     int
	Home         string // the user's directory, inside Dir
	SlurmdLog    string // of the first node, its slurmstepds' lines included
	SlurmdLogs   []string
	SlurmctldLog string

	// Cgroup is set if tasks are confined to their CPUs by cpuset cgroups. If not, WhyNoCgroup is the
	// reason.
	Cgroup      bool
	WhyNoCgroup string
	// Bound is set if Slurm sets the tasks' affinity masks.
	Bound bool

	etcSlurm   string
	pluginDir  string
	supervisor *exec.Cmd
	life       io.Closer // the supervisor ends the cluster when this is closed
	replies    *json.Decoder
	stop       sync.Once
	stopErr    error
}

// Start starts a cluster and returns when every node is ready for a job.
func Start(o Options) (*Cluster, error) {
	c, err := start(o)
	if err != nil {
		return nil, fmt.Errorf("private cluster: %w", err)
	}
	return c, nil
}

func start(o Options) (*Cluster, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("slurmd must be started by root; run this as root")
	}
	if err := checkPrograms(); err != nil {
		return nil, err
	}
	u, err := ordinaryUser()
	if err != nil {
		return nil, err
	}
	if o.Nodes == 0 {
		o.Nodes = 1
	}
	if o.Dir != "" {
		if o.Dir, err = filepath.Abs(o.Dir); err != nil {
			return nil, err
		}
	}
	if o.Plugin != "" {
		if o.Plugin, err = filepath.Abs(o.Plugin); err != nil {
			return nil, err
		}
	}
	o.SlurmConf = append(confFromEnvironment(), o.SlurmConf...)
	c := &Cluster{User: u.name, UID: u.uid, GID: u.gid}
	if err := c.startSupervisor(request{Options: o, Base: base(), Systemd: belowSystemd(), UID: u.uid, GID: u.gid}); err != nil {
		return nil, err
	}
	var r reply
	if err := c.replies.Decode(&r); err != nil {
		c.life.Close()
		return nil, fmt.Errorf("its supervisor ended early: %w: %w", err, c.supervisor.Wait())
	}
	if r.Error != "" {
		c.life.Close()
		c.supervisor.Wait() // it has cleaned up and sent its reply
		return nil, errors.New(r.Error)
	}
	r.into(c)
	return c, nil
}

// startSupervisor starts this program once more as the supervisor, in a session
// and a mount namespace of its own, and hands it the request.
func (c *Cluster) startSupervisor(q request) error {
	fromUs, life, err := os.Pipe()
	if err != nil {
		return err
	}
	defer fromUs.Close()
	fromIt, toUs, err := os.Pipe()
	if err != nil {
		return errors.Join(err, life.Close())
	}
	defer toUs.Close()
	ways := []uintptr{unix.CLONE_NEWNS, 0}
	callers := os.Getenv(MountsVariable) == "caller"
	if callers {
		ways = ways[1:]
	}
	for _, flags := range ways {
		c.supervisor = &exec.Cmd{
			Path: "/proc/self/exe", Args: []string{supervisorName}, Dir: "/",
			Env:   []string{"PATH=" + searchPath(), "LANG=C.UTF-8"},
			Stdin: fromUs, Stdout: toUs,
			SysProcAttr: &syscall.SysProcAttr{Setsid: true, Cloneflags: flags},
		}
		q.OwnMounts = flags != 0 || callers
		// without CAP_SYS_ADMIN there is no mount namespace
		if err = c.supervisor.Start(); !errors.Is(err, unix.EPERM) {
			break
		}
	}
	if err != nil {
		return errors.Join(err, life.Close(), fromIt.Close())
	}
	c.life, c.replies = life, json.NewDecoder(fromIt)
	return json.NewEncoder(life).Encode(q)
}

// Stop ends every process of the cluster, tasks and clients included, and
// removes its cgroups and directories. It returns an error that names whatever
// could not be ended or removed. Further calls return the same.
func (c *Cluster) Stop() error {
	c.stop.Do(func() {
		c.life.Close()
		var r reply
		if err := c.replies.Decode(&r); err != nil {
			c.stopErr = fmt.Errorf("private cluster: its supervisor is gone: %w", err)
		} else if r.Error != "" {
			c.stopErr = fmt.Errorf("private cluster: %s", r.Error)
		}
		if err := c.supervisor.Wait(); err != nil {
			c.stopErr = errors.Join(c.stopErr, err)
		}
	})
	return c.stopErr
}

// Env returns the variables that lead Slurm's programs to this cluster.
func (c *Cluster) Env() []string { return []string{"SLURM_CONF=" + c.Conf} }

// UserEnv returns the whole environment of [Cluster.Command].
func (c *Cluster) UserEnv() []string {
	return append(c.Env(), "PATH="+searchPath(), "HOME="+c.Home, "USER="+c.User,
		"LOGNAME="+c.User, "SHELL=/bin/sh", "LANG=C.UTF-8")
}

// Command prepares a command that runs as the ordinary user, in the user's directory, with an
// environment without variables of this process.
func (c *Cluster) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, findProgram(name), args...)
	cmd.Args[0] = name
	cmd.Dir = c.Home
	cmd.Env = c.UserEnv()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{
		Uid: uint32(c.UID), Gid: uint32(c.GID), Groups: groupsOf(c.User),
	}}
	return cmd
}

// WritePlugstack replaces plugstack.conf, also that of each node. Each later launch reads either the whole
// old text or the whole new text. slurmd itself keeps the text that it read at its start, and nodes of a
// configless cluster keep the text that they fetched.
func (c *Cluster) WritePlugstack(text string) error {
	err := writeFile(filepath.Join(filepath.Dir(c.Conf), "plugstack.conf"), text)
	for node := range c.NodeConfs {
		err = errors.Join(err, c.WriteNodePlugstack(node, text))
	}
	return err
}

// WriteNodePlugstack replaces the plugstack.conf of one node of a cluster with OwnConf.
func (c *Cluster) WriteNodePlugstack(node int, text string) error {
	return writeFile(filepath.Join(filepath.Dir(c.NodeConfs[node]), "plugstack.conf"), text)
}

// EtcSlurm returns the directory that the cluster's daemons and tasks see as /etc/slurm. It belongs to the
// cluster if the machine allows a mount namespace, and is /etc/slurm itself otherwise.
func (c *Cluster) EtcSlurm() string { return c.etcSlurm }

// Logs returns the logs of the daemons so far, each with its name, for a failing test.
func (c *Cluster) Logs() string {
	var b bytes.Buffer
	for _, path := range append([]string{c.SlurmctldLog}, c.SlurmdLogs...) {
		text, err := os.ReadFile(path)
		if err != nil {
			text = []byte(err.Error() + "\n")
		}
		fmt.Fprintf(&b, "== %s\n%s", filepath.Base(path), text)
	}
	return b.String()
}

// writeFile writes a file under another name first, so that a reader sees all of it or nothing.
func writeFile(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it has been renamed
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
