// SPDX-License-Identifier: MIT

package cluster

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The supervisor is a process between the program that wants a cluster and the daemons. It reads a
// request from its standard input. It cleans up at the end of that input, which the kernel closes when
// the program ends in any way. It is a subreaper (prctl(2)): daemons, slurmstepds and tasks stay its
// descendants even if they detach, so it finds all of them. A PID namespace would do the same, but then
// slurmd and the tests would have different numbers for a process.
//
// It cannot clean up after a kill -9 of itself, or of all processes of the machine.

// supervisorName is the argument 0 that makes a program the supervisor, and its name in ps.
const supervisorName = "mp-policy-cluster-supervisor"

// directoryPrefix begins the names of the directories that a supervisor makes.
const directoryPrefix = "mp-policy-cluster-"

const (
	startLimit = 60 * time.Second // for a machine that is very busy; 1 s is usual
	stopLimit  = 20 * time.Second
)

type request struct {
	Systemd bool // see SystemdVariable
	Options
	Base      string // where temporary directories are made
	UID, GID  int
	OwnMounts bool // nothing that the supervisor mounts reaches the machine
}

// reply is sent by the supervisor twice: after the start and after the end.
type reply struct {
	Error        string
	Dir          string
	Conf         string
	Version      string
	NodeNames    []string
	NodeConfs    []string
	CPUs         int
	Home         string
	SlurmdLogs   []string
	SlurmctldLog string
	Cgroup       bool
	WhyNoCgroup  string
	Bound        bool
	EtcSlurm     string
	PluginDir    string
}

func (r *reply) into(c *Cluster) {
	c.Dir, c.Conf, c.Version, c.NodeNames, c.CPUs = r.Dir, r.Conf, r.Version, r.NodeNames, r.CPUs
	c.Home, c.SlurmdLogs, c.SlurmctldLog = r.Home, r.SlurmdLogs, r.SlurmctldLog
	c.NodeConfs, c.SlurmdLog = r.NodeConfs, r.SlurmdLogs[0]
	c.Cgroup, c.WhyNoCgroup, c.Bound = r.Cgroup, r.WhyNoCgroup, r.Bound
	c.etcSlurm, c.pluginDir = r.EtcSlurm, r.PluginDir
}

// init turns the process into the supervisor before the main function of the program runs.
func init() {
	if os.Args[0] == supervisorName {
		os.Exit(supervise())
	}
}

type supervisor struct {
	request
	reply
	children *children
	parent   int      // pid of the program that wants the cluster
	ours     []string // directories to remove at the end
	mounts   []string // where something of ours is mounted
	allNodes []string // names of nodes, those of attempts that failed included
}

func supervise() int {
	s := &supervisor{parent: os.Getppid(), children: newChildren()}
	// the daemons must not inherit the program's files
	unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC)
	// The program may be gone when it is answered. Notify, unlike Ignore, is not
	// inherited by the daemons.
	ended := make(chan os.Signal, 1)
	signal.Notify(make(chan os.Signal, 1), unix.SIGPIPE)
	signal.Notify(ended, unix.SIGTERM, unix.SIGINT, unix.SIGHUP)

	out := json.NewEncoder(os.Stdout)
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return 1
	}
	if err := json.Unmarshal(line, &s.request); err != nil {
		out.Encode(reply{Error: err.Error()})
		return 1
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, in)
		cancel()
	}()
	go func() {
		<-ended
		cancel()
	}()

	if err := s.start(ctx); err != nil {
		err = errors.Join(err, s.end())
		out.Encode(reply{Error: err.Error()})
		return 1
	}
	if err := out.Encode(s.reply); err == nil {
		<-ctx.Done()
	}
	if err := s.end(); err != nil {
		out.Encode(reply{Error: err.Error()})
		return 0
	}
	out.Encode(reply{})
	return 0
}

// start makes the directories and starts the daemons.
func (s *supervisor) start(ctx context.Context) error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl: become a subreaper: %w", err)
	}
	syscall.Umask(0o022)
	if err := s.makeDirectories(); err != nil {
		return err
	}
	// so that the text of a panic is kept
	if f, err := os.Create(filepath.Join(s.reply.Dir, "log", "supervisor.err")); err == nil {
		unix.Dup3(int(f.Fd()), 2, 0)
		f.Close()
	}
	s.mountEtcSlurm()
	if s.Configless {
		if err := s.mountForConfigless(); err != nil {
			return err
		}
	}
	return s.startDaemons(ctx)
}

// makeDirectories makes the cluster's directories, each open to all and writable by
// only root, except those of the user.
func (s *supervisor) makeDirectories() error {
	s.reply.Dir = s.request.Dir
	if s.reply.Dir == "" {
		dir, err := os.MkdirTemp(s.Base, directoryPrefix)
		if err != nil {
			return err
		}
		s.reply.Dir = dir
		s.ours = append(s.ours, dir)
	}
	s.Home = filepath.Join(s.reply.Dir, "home")
	s.EtcSlurm = filepath.Join(s.reply.Dir, "etc-slurm")
	s.Conf = filepath.Join(s.reply.Dir, "etc", "slurm.conf")
	for _, name := range []string{"", "etc", "etc-slurm", "home", "log", "munge", "run", "spool", "state"} {
		dir := filepath.Join(s.reply.Dir, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := os.Chmod(dir, 0o755); err != nil {
			return err
		}
	}
	if err := os.Chown(s.Home, s.UID, s.GID); err != nil {
		return err
	}
	if socket := mungeSocket(s.reply.Dir); len(socket) > unixPathMax {
		return fmt.Errorf("%s: %d characters, a socket's path may have %d; choose a shorter directory", socket, len(socket), unixPathMax)
	}
	dir, err := rootOnlyDirectory()
	if err != nil {
		return err
	}
	s.ours = append(s.ours, dir)
	s.PluginDir = dir
	if s.Plugin == "" {
		return nil
	}
	s.Plugstack += pluginLine(dir)
	_, err = installPlugin(s.Plugin, dir)
	return err
}

// unixPathMax is the longest path of a Unix socket, sizeof sun_path less its zero.
const unixPathMax = 107

// mountEtcSlurm mounts the cluster's directory at /etc/slurm for its processes, so that neither the files of
// the machine nor those of another cluster matter.
func (s *supervisor) mountEtcSlurm() {
	err := func() error {
		if !s.OwnMounts {
			return errors.New("no mount namespace")
		}
		// Later mounts must not reach the machine. This call fails in a chroot that is not a mount
		// point.
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
			return err
		}
		// the plugin's files about late evaluations belong to one cluster
		const late = "/run/slurm-mp-policy"
		if err := os.MkdirAll(late, 0o755); err != nil {
			return err
		}
		if err := unix.Mount("late", late, "tmpfs", 0, "mode=755"); err != nil {
			return err
		}
		return s.bind(s.EtcSlurm, "/etc/slurm")
	}()
	if err != nil {
		s.EtcSlurm = "/etc/slurm"
	}
}

// mountForConfigless mounts the cluster's munged at the path that is built into libmunge, for a slurmd
// without slurm.conf. It also hides from the machine the link to the fetched configuration that slurmd
// makes for clients.
func (s *supervisor) mountForConfigless() error {
	if !s.OwnMounts {
		return errors.New("a configless cluster needs a mount namespace, and there is none")
	}
	run := filepath.Join(s.reply.Dir, "run", "slurm")
	return errors.Join(
		os.Symlink(filepath.Base(mungeSocket(s.reply.Dir)), filepath.Join(filepath.Dir(mungeSocket(s.reply.Dir)), "munge.socket.2")),
		s.bind(filepath.Dir(mungeSocket(s.reply.Dir)), "/run/munge"),
		os.Mkdir(run, 0o755),
		s.bind(run, "/run/slurm"),
	)
}

func (s *supervisor) bind(from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(from, to, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount %s on %s: %w", from, to, err)
	}
	s.mounts = append(s.mounts, to)
	return nil
}

// end ends all processes of the cluster and removes all its files. The error names anything that is
// left.
func (s *supervisor) end() error {
	deadline := time.Now().Add(stopLimit)
	var errs []error
	thaw(s.allNodes)
	if left := s.children.killAll(s.isClient, deadline); len(left) > 0 {
		errs = append(errs, fmt.Errorf("processes that do not end: %s", strings.Join(left, ", ")))
	}
	errs = append(errs, removeCgroups(s.allNodes, deadline))
	for _, path := range slices.Backward(s.mounts) {
		unix.Unmount(path, unix.MNT_DETACH)
	}
	unmountBelow(s.reply.Dir)
	for _, dir := range s.ours {
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

// isClient reports whether a process has this cluster in its environment, such as an srun that another
// process started. The program that wants the cluster may have that variable, too.
func (s *supervisor) isClient(pid int) bool {
	return pid != s.parent && s.Conf != "" && hasVariable(pid, "SLURM_CONF="+s.Conf)
}
