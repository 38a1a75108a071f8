// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// cpuacct is the controller that counts CPU time in nanoseconds (the kernel's
// Documentation/admin-guide/cgroup-v1/cpuacct.rst). Slurm does not use it here.
const cpuacct = "/sys/fs/cgroup/cpuacct"

// cpuClock counts the CPU time of this process and of all that it starts: srun,
// the daemons, the tasks. Where there is no controller for that, it is the whole
// machine's, in ticks of 10 ms.
type cpuClock struct{ group string }

func newCPUClock() *cpuClock {
	group := filepath.Join(cpuacct, fmt.Sprint("mp-policy-bench-", os.Getpid()))
	if os.Mkdir(group, 0o755) != nil {
		return &cpuClock{}
	}
	c := &cpuClock{group}
	if c.enter(group) != nil {
		c.close()
		return &cpuClock{}
	}
	return c
}

func (c *cpuClock) enter(group string) error {
	return os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(strconv.Itoa(os.Getpid())), 0)
}

// close needs the processes that were counted to be gone.
func (c *cpuClock) close() {
	if c.group == "" {
		return
	}
	err := c.enter(cpuacct)
	if rmErr := syscall.Rmdir(c.group); err == nil {
		err = rmErr
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s stays: %v\n", c.group, err)
	}
}

// used is in milliseconds.
func (c *cpuClock) used() float64 {
	if c.group != "" {
		text, _ := os.ReadFile(filepath.Join(c.group, "cpuacct.usage"))
		ns, _ := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
		return ns / 1e6
	}
	text, _ := os.ReadFile("/proc/stat")
	sum := 0.0
	for _, word := range strings.Fields(string(text))[1:4] { // user, nice, system: proc(5)
		ticks, _ := strconv.ParseFloat(word, 64)
		sum += ticks * 10
	}
	return sum
}
