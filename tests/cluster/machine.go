// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// machine has the facts about this machine for slurm.conf.
type machine struct {
	version    string // of Slurm
	hostname   string
	cpus       int    // of a node
	topology   string // of a node, as words of its line in slurm.conf
	isHardware bool   // the node has the CPUs that slurmd finds here
}

// machine asks the kernel and slurmd.
func (s *supervisor) machine() (machine, error) {
	var m machine
	var err error
	if m.hostname, err = os.Hostname(); err != nil {
		return m, err
	}
	// Slurm compares short names
	m.hostname, _, _ = strings.Cut(m.hostname, ".")
	text, err := s.output(context.Background(), "slurmd", "-V")
	if err != nil {
		return m, err
	}
	if words := strings.Fields(text); len(words) > 0 {
		m.version = words[len(words)-1]
	}
	var mask unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mask); err != nil {
		return m, err
	}
	m.cpus = s.request.CPUs
	if m.cpus == 0 {
		m.cpus = mask.Count()
	}
	text, err = s.output(context.Background(), "slurmd", "-C")
	if err != nil {
		return m, err
	}
	m.topology, m.isHardware = topology(text, m.cpus)
	return m, nil
}

// topology takes a node's words from the output of slurmd -C where it has this
// many CPUs, and else makes them single-threaded cores of one socket.
func topology(slurmdC string, cpus int) (words string, isHardware bool) {
	line, _, _ := strings.Cut(slurmdC, "\n")
	var kept []string
	for _, word := range strings.Fields(line) {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "CPUs":
			n, err := strconv.Atoi(value)
			isHardware = err == nil && n == cpus
			kept = append(kept, word)
		case "Boards", "SocketsPerBoard", "CoresPerSocket", "ThreadsPerCore":
			kept = append(kept, word)
		}
	}
	if isHardware {
		return strings.Join(kept, " "), true
	}
	return fmt.Sprintf("CPUs=%d Boards=1 SocketsPerBoard=1 CoresPerSocket=%d ThreadsPerCore=1", cpus, cpus), false
}

// firstCPUs reports whether this process may run on CPU 0 and all up to some
// number: Slurm counts a node's CPUs so.
func firstCPUs() error {
	var mask unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mask); err != nil {
		return err
	}
	for cpu := range mask.Count() {
		if !mask.IsSet(cpu) {
			return fmt.Errorf("this process may not run on CPU %d, but on a later one", cpu)
		}
	}
	return nil
}

func ownerOf(info os.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return -1
}

var errNoCpuset = errors.New("no cpuset controller")
