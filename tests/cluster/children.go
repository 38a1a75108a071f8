// SPDX-License-Identifier: MIT

package cluster

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// children starts processes and reaps every child of this process, also those that the kernel has
// given it. os/exec cannot be used beside it, because each would reap the other's children.
type children struct {
	mu      sync.Mutex
	started map[int]*child
}

type child struct {
	pid    int
	status unix.WaitStatus // valid once ended is closed
	ended  chan struct{}
}

func newChildren() *children {
	c := &children{started: map[int]*child{}}
	sig := make(chan os.Signal, 1)
	signal.Notify(sig, unix.SIGCHLD)
	go func() {
		for range sig {
			c.reap()
		}
	}()
	return c
}

// start starts a program with its output and errors in the given file.
func (c *children) start(args, env []string, out *os.File) (*child, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	c.mu.Lock() // it must be known before it can be reaped
	defer c.mu.Unlock()
	p, err := os.StartProcess(findProgram(args[0]), args, &os.ProcAttr{
		Dir: "/", Env: env, Files: []*os.File{null, out, out},
	})
	if err != nil {
		return nil, err
	}
	child := &child{pid: p.Pid, ended: make(chan struct{})}
	c.started[p.Pid] = child
	return child, p.Release()
}

func (c *children) reap() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid == 0 {
			return
		}
		if child := c.started[pid]; child != nil {
			child.status = status
			close(child.ended)
			delete(c.started, pid)
		}
	}
}

func (c *child) how() string {
	if c.status.Signaled() {
		return "killed by " + unix.SignalName(c.status.Signal())
	}
	return fmt.Sprintf("exit status %d", c.status.ExitStatus())
}

// killAll kills every descendant of this process, and every process for which the function also
// returns true, until there are none. It returns the processes that are left at the deadline: they hang
// in the kernel.
func (c *children) killAll(also func(pid int) bool, deadline time.Time) (left []string) {
	for {
		left = left[:0]
		for _, pid := range targets(also) {
			if unix.Kill(pid, unix.SIGKILL) == nil {
				left = append(left, describe(pid))
			}
		}
		c.reap()
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
		time.Sleep(time.Millisecond)
	}
}

// targets returns the processes to kill, parents before their children.
func targets(also func(pid int) bool) []int {
	parents := map[int]int{}
	self := os.Getpid()
	var found []int
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		state, parent, ok := stat(pid)
		if !ok {
			continue
		}
		parents[pid] = parent
		if pid != self && state != 'Z' && also(pid) {
			found = append(found, pid)
		}
	}
	for pid := range parents {
		// bounded: the numbers were not all read at the same moment
		for p, n := parents[pid], 0; p > 1 && n < len(parents); p, n = parents[p], n+1 {
			if p == self {
				found = append(found, pid)
				break
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// stat reads state and parent from /proc/PID/stat, see proc(5). The name in
// parentheses may hold anything.
func stat(pid int) (state byte, parent int, ok bool) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, 0, false
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 2 {
		return 0, 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	return fields[0][0], parent, err == nil
}

// hasVariable reports whether a process was started with this NAME=VALUE.
func hasVariable(pid int, entry string) bool {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
	return err == nil && slices.Contains(strings.Split(string(text), "\x00"), entry)
}

func describe(pid int) string {
	text, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	return fmt.Sprintf("%d (%s)", pid, strings.TrimSpace(string(text)))
}
