// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// errPortTaken is the error if another process took a port between the check and its use.
var errPortTaken = errors.New("a port was taken")

// startDaemons starts the daemons. It tries other ports if one was taken, and tries without cgroups if
// slurmd cannot use them.
func (s *supervisor) startDaemons(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	m, err := s.machine()
	if err != nil {
		return err
	}
	s.Version, s.CPUs = m.version, m.cpus
	canBind := firstCPUs()
	s.Bound = canBind == nil && !s.NoCgroup
	if s.NoCgroup {
		s.WhyNoCgroup = "the caller asked for none"
	} else if err := errors.Join(canBind, probeCgroups()); err != nil {
		s.WhyNoCgroup = err.Error()
	}
	if err := s.startMunged(ctx); err != nil {
		return err
	}
	for tries := 0; ; tries++ {
		err := s.startSlurm(ctx, m)
		if err == nil {
			return nil
		}
		if left := s.children.killAll(nobody, time.Now().Add(stopLimit)); len(left) > 0 {
			return fmt.Errorf("%w; processes that do not end: %s", err, strings.Join(left, ", "))
		}
		switch {
		case ctx.Err() != nil || tries == 10:
			return err
		case errors.Is(err, errPortTaken):
		case s.WhyNoCgroup == "":
			s.WhyNoCgroup = "slurmd does not start with cgroups: " + err.Error()
		default:
			return err
		}
		if err := s.startMunged(ctx); err != nil { // killAll ended it too
			return err
		}
	}
}

// nobody is for killAll if only the descendants matter.
func nobody(int) bool { return false }

func daemonEnv(conf string) []string {
	env := []string{"PATH=" + searchPath(), "LANG=C.UTF-8"}
	if conf != "" {
		env = append(env, "SLURM_CONF="+conf)
	}
	return env
}

// daemon starts a program whose output goes to log/NAME.out.
func (s *supervisor) daemon(name string, args ...string) (*child, error) {
	return s.daemonOf(s.Conf, name, args...)
}

// daemonOf is daemon with another slurm.conf, "" for none.
func (s *supervisor) daemonOf(conf, name string, args ...string) (*child, error) {
	out, err := os.Create(filepath.Join(s.reply.Dir, "log", name+".out"))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	return s.children.start(args, daemonEnv(conf), out)
}

// output runs a program to its end and returns what it printed.
func (s *supervisor) output(ctx context.Context, args ...string) (string, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer r.Close()
	child, err := s.children.start(args, daemonEnv(s.Conf), w)
	w.Close()
	if err != nil {
		return "", err
	}
	defer context.AfterFunc(ctx, func() { unix.Kill(child.pid, unix.SIGKILL) })()
	text, err := io.ReadAll(r)
	<-child.ended
	if err == nil && child.status.ExitStatus() != 0 {
		err = fmt.Errorf("%s: %s: %s", strings.Join(args, " "), child.how(), strings.TrimSpace(string(text)))
	}
	return string(text), err
}

func mungeSocket(dir string) string { return filepath.Join(dir, "munge", "socket") }

// startMunged starts munged with a new key.
func (s *supervisor) startMunged(ctx context.Context) error {
	key := make([]byte, 128)
	rand.Read(key) // never fails
	dir := s.reply.Dir
	keyFile := filepath.Join(dir, "etc", "munge.key")
	os.Remove(keyFile)
	if err := os.WriteFile(keyFile, key, 0o400); err != nil {
		return err
	}
	socket := mungeSocket(dir)
	os.Remove(socket) // a killed munged leaves it
	munged, err := s.daemon("munged", "munged", "--foreground", "--key-file="+keyFile,
		"--socket="+socket, "--pid-file="+filepath.Join(dir, "run", "munged.pid"),
		"--log-file="+filepath.Join(dir, "log", "munged.log"),
		"--seed-file="+filepath.Join(dir, "run", "munge.seed"))
	if err != nil {
		return err
	}
	return s.poll(ctx, func() (bool, error) {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
		}
		return err == nil, nil
	}, munged)
}

// startSlurm writes the configuration for new names and ports, starts slurmctld
// and the slurmds, and waits until all nodes are idle.
func (s *supervisor) startSlurm(ctx context.Context, m machine) error {
	dir := s.reply.Dir
	for _, name := range []string{"state", "spool"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.RemoveAll(path), os.Mkdir(path, 0o755)); err != nil {
			return err
		}
	}
	nodes := max(s.Nodes, 1)
	port, err := freePorts(nodes + 1)
	if err != nil {
		return err
	}
	id := make([]byte, 4)
	rand.Read(id)
	l := layout{
		machine: m, dir: dir, id: hex.EncodeToString(id), port: port, nodes: nodes,
		cgroup: s.WhyNoCgroup == "", systemd: s.request.Systemd, bind: s.Bound, configless: s.Configless, extra: s.SlurmConf,
	}
	s.Cgroup = l.cgroup
	names := l.nodeNames()
	s.NodeNames = names
	s.allNodes = append(s.allNodes, names...)
	s.SlurmctldLog = filepath.Join(dir, "log", "slurmctld.log")
	s.SlurmdLogs = nil
	for _, name := range names {
		s.SlurmdLogs = append(s.SlurmdLogs, filepath.Join(dir, "log", name+".log"))
	}
	if err := s.writeConf(l); err != nil {
		return err
	}
	slurmctld, err := s.daemon("slurmctld", "slurmctld", "-D")
	if err != nil {
		return err
	}
	daemons := []*child{slurmctld}
	// a slurmd that starts before slurmctld cannot register, and sleeps
	err = s.poll(ctx, func() (bool, error) {
		conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			conn.Close()
		}
		return err == nil, nil
	}, daemons...)
	if err != nil {
		return err
	}
	for node, name := range names {
		conf, args := s.Conf, []string{"slurmd", "-D", "-N", name}
		switch {
		case s.Configless:
			conf, args = "", append(args, "--conf-server", fmt.Sprintf("127.0.0.1:%d", port))
		case s.OwnConf:
			conf = s.NodeConfs[node]
		}
		slurmd, err := s.daemonOf(conf, name, args...)
		if err != nil {
			return err
		}
		daemons = append(daemons, slurmd)
	}
	return s.poll(ctx, func() (bool, error) {
		out, err := s.output(ctx, "sinfo", "--noheader", "--Node", "--format=%N %t")
		if err != nil {
			return false, nil // slurmctld is not yet there
		}
		return strings.Count(out, " idle\n") == nodes, nil
	}, daemons...)
}

// writeConf writes the configuration files, and each node's own.
func (s *supervisor) writeConf(l layout) error {
	dirs := []string{filepath.Dir(s.Conf)}
	s.NodeConfs = nil
	for _, name := range l.nodeNames() {
		if s.OwnConf {
			dir := filepath.Join(s.reply.Dir, "etc", name)
			dirs = append(dirs, dir)
			s.NodeConfs = append(s.NodeConfs, filepath.Join(dir, "slurm.conf"))
		}
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		for name, text := range map[string]string{
			"slurm.conf": l.slurmConf(), "cgroup.conf": l.cgroupConf(), "plugstack.conf": s.Plugstack,
			"job_container.conf": l.jobContainerConf(),
		} {
			if err := writeFile(filepath.Join(dir, name), text); err != nil {
				return err
			}
		}
	}
	return nil
}

// poll calls ready until it returns true, a daemon ends, or the time is over.
func (s *supervisor) poll(ctx context.Context, ready func() (bool, error), daemons ...*child) error {
	for {
		ok, err := ready()
		if ok || err != nil {
			return err
		}
		for _, d := range daemons {
			select {
			case <-d.ended:
				return s.failure(fmt.Sprintf("a daemon ended (%s)", d.how()))
			case <-ctx.Done():
				return s.failure("the daemons were not ready in time")
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
}

// failure returns an error with the ends of the logs.
func (s *supervisor) failure(what string) error {
	paths, _ := filepath.Glob(filepath.Join(s.reply.Dir, "log", "*"))
	var b strings.Builder
	taken := false
	for _, path := range paths {
		text, _ := os.ReadFile(path)
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		taken = taken || strings.Contains(string(text), "Address already in use")
		fmt.Fprintf(&b, "\n== %s\n%s", path, strings.Join(lines[max(0, len(lines)-8):], "\n"))
	}
	if taken {
		return fmt.Errorf("%s: %w%s", what, errPortTaken, b.String())
	}
	return fmt.Errorf("%s%s", what, b.String())
}

// freePorts returns the first of n ports in a row on which no process listens.
// They lie below the ports that kernels give to outgoing connections
// (net.ipv4.ip_local_port_range, 32768 and up).
func freePorts(n int) (int, error) {
	const low, high = 16000, 32000
	for range 1000 {
		var random [2]byte
		rand.Read(random[:])
		first := low + (int(random[0])<<8|int(random[1]))%(high-low-n)
		if allFree(first, n) {
			return first, nil
		}
	}
	return 0, fmt.Errorf("no %d free TCP ports in a row between %d and %d", n, low, high)
}

func allFree(first, n int) bool {
	for port := first; port < first+n; port++ {
		l, err := net.Listen("tcp4", ":"+strconv.Itoa(port))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}
