// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"slurm-mp-policy/tests/cluster"
)

// sampleEvery is how often the threads are counted: a few times in each piece of
// work, and rarely enough not to be seen in the time.
const sampleEvery = 50 * time.Millisecond

// threadWatch counts the threads of a cluster's tasks.
type threadWatch struct {
	conf  string
	tasks map[int]bool // processes seen so far, and whether they are a task's
	end   chan struct{}
	most  chan int
}

// watchThreads counts until stop is called, which tells the most that there were.
func watchThreads(c *cluster.Cluster) *threadWatch {
	w := &threadWatch{conf: "SLURM_CONF=" + c.Conf, tasks: map[int]bool{}, end: make(chan struct{}), most: make(chan int)}
	go func() {
		most := 0
		ticks := time.NewTicker(sampleEvery)
		defer ticks.Stop()
		for {
			select {
			case <-w.end:
				w.most <- most
				return
			case <-ticks.C:
				most = max(most, w.count())
			}
		}
	}()
	return w
}

func (w *threadWatch) stop() int {
	close(w.end)
	return <-w.most
}

func (w *threadWatch) count() int {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return 0
	}
	threads, alive := 0, map[int]bool{}
	for _, dir := range dirs {
		pid, err := strconv.Atoi(dir.Name())
		if err != nil {
			continue
		}
		task, seen := w.tasks[pid]
		if !seen {
			task = w.isTask(pid)
		}
		if task {
			n, _ := strconv.Atoi(field(filepath.Join("/proc", dir.Name(), "status"), "Threads", ":"))
			threads += n
		}
		// a slurmstepd may execute a task's program yet
		if task || !isStepd(pid) {
			alive[pid] = task
		}
	}
	w.tasks = alive
	return threads
}

func isStepd(pid int) bool {
	name, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	return err == nil && strings.HasPrefix(string(name), "slurmstepd")
}

// isTask reports whether a process has a task's environment. That srun itself has the
// cluster's but no rank.
func (w *threadWatch) isTask(pid int) bool {
	env, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
	return err == nil && strings.Contains(string(env), w.conf+"\x00") && strings.Contains(string(env), "\x00SLURM_PROCID=")
}
