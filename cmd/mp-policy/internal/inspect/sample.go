// SPDX-License-Identifier: MIT

package inspect

import "time"

const (
	// readings is the number of times that the threads are read within a second. The CPU
	// times of the first and of the last reading give the CPU use.
	readings = 6
	interval = 200 * time.Millisecond
)

// thread has the readings of one thread.
type thread struct {
	seen, running int // in how many readings it was there, and was runnable
	// at is the CPU of each reading in which it was runnable, -1 of the others.
	at [readings]int
}

func newThread() *thread {
	t := &thread{}
	for i := range t.at {
		t.at[i] = -1
	}
	return t
}

// runs reports whether the thread was runnable in most of the readings.
func (t *thread) runs() bool { return t.running*2 > t.seen }

// mostly is the CPU on which a runnable thread was seen most often, the smallest of several.
func (t *thread) mostly() int {
	times := map[int]int{}
	best := -1
	for _, cpu := range t.at {
		if cpu < 0 {
			continue
		}
		times[cpu]++
		if best < 0 || times[cpu] > times[best] || times[cpu] == times[best] && cpu < best {
			best = cpu
		}
	}
	return best
}

// sample has the readings of one second.
type sample struct {
	seconds float64
	last    map[int]*Process // all processes at the end
	threads map[int]map[int]*thread
}

// watch reads the threads of the selected processes several times. before is the first
// list of all processes.
func (in *inspection) watch(selected func(map[int]*Process) []*Process, before map[int]*Process) *sample {
	s := &sample{threads: map[int]map[int]*thread{}, last: before}
	began := in.Now()
	for i := range readings {
		if i > 0 {
			in.Sleep(interval)
		}
		if i == readings-1 {
			if all, err := in.list(); err == nil {
				s.last = all
			}
		}
		for _, p := range selected(s.last) {
			in.look(s, p, i)
		}
	}
	s.seconds = in.Now().Sub(began).Seconds()
	for _, p := range s.last {
		// a process that is new has used all of its CPU time since the first reading
		earlier := 0.0
		if b := before[p.PID]; b != nil && b.start == p.start {
			earlier = b.ticks
		}
		if s.seconds > 0 {
			p.Used = max(0, (p.ticks-earlier)/s.seconds)
		}
	}
	return s
}

// look reads the threads of a process in one of the readings. The state R of proc(5) is
// "running or waiting for a CPU".
func (in *inspection) look(s *sample, p *Process, reading int) {
	list, err := in.proc.AllThreads(p.PID)
	if err != nil {
		return // it has ended
	}
	if s.threads[p.PID] == nil {
		s.threads[p.PID] = map[int]*thread{}
	}
	for _, one := range list {
		stat, err := one.Stat()
		if err != nil {
			continue
		}
		t := s.threads[p.PID][one.PID]
		if t == nil {
			t = newThread()
			s.threads[p.PID][one.PID] = t
		}
		t.seen++
		if stat.State == "R" {
			t.running++
			t.at[reading] = int(stat.Processor)
		}
	}
}

// measure fills in the activity of a process's threads.
func (in *inspection) measure(p *Process, s *sample) {
	var on []uint64
	for _, t := range s.threads[p.PID] {
		if t.runs() {
			p.Runnable++
		}
		for _, cpu := range t.at {
			if cpu >= 0 {
				on = append(on, uint64(cpu))
			}
		}
	}
	if list, err := in.proc.AllThreads(p.PID); err == nil {
		for _, one := range list {
			if status, err := one.NewStatus(); err == nil {
				p.mask = p.mask.Or(maskOf(status.CpusAllowedList))
			}
		}
	}
	p.on = maskOf(on)
	p.CPUs, p.On = p.mask.String(), p.on.String()
}

// occupied returns the number of CPUs that had runnable threads of the task at the same
// time, in the reading with the most.
func (t *Task) occupied(s *sample) int {
	most := 0
	for reading := range readings {
		cpus := map[int]bool{}
		for _, p := range t.Processes {
			for _, one := range s.threads[p.PID] {
				if one.at[reading] >= 0 {
					cpus[one.at[reading]] = true
				}
			}
		}
		most = max(most, len(cpus))
	}
	return most
}
