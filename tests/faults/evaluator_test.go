// SPDX-License-Identifier: MIT

package faults

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// servedOrUnharmed demands that the step has the policy, or is as without the plugin and one
// line has the reason.
func (o outcome) servedOrUnharmed(t *testing.T, env []string) {
	t.Helper()
	o.unharmed(t)
	if len(o.tasks) > 0 && o.has(0, "OMP_NUM_THREADS=1") {
		o.served(t)
		return
	}
	for i := range o.tasks {
		if diff := cmp.Diff(env, o.env(i)); diff != "" {
			t.Errorf("task %d: without the plugin -, with it +:\n%s", i, diff)
		}
	}
	if len(o.log) != 1 || !regexp.MustCompile("^info mp-policy: .+; the step runs without the policy$").MatchString(o.log[0]) {
		t.Errorf("the log has %q", o.log)
	}
}

var plain = []string{"PATH=/usr/bin:/bin", "A=1"}

// The evaluator may be signalled at any moment.
func TestEvaluatorSignalled(t *testing.T) {
	moments := []int{0, 100, 300, 600, 1000, 1500, 2000, 3000, 5000}
	if *soak {
		moments = nil
		for us := 0; us < 6000; us += 40 {
			moments = append(moments, us)
		}
	}
	for _, signal := range []unix.Signal{unix.SIGKILL, unix.SIGSTOP, unix.SIGTERM, unix.SIGSEGV, unix.SIGALRM, unix.SIGPROF, unix.SIGURG} {
		t.Run(unix.SignalName(signal), func(t *testing.T) {
			for _, us := range moments {
				for _, mode := range []string{"cpus 2", "contain"} {
					s := step{env: plain, ms: 10000, more: []string{"tasks 2", mode, fmt.Sprintf("signal %d %d", signal, us)}}
					if signal == unix.SIGSTOP {
						s.ms = 60
					}
					s.launch(t).servedOrUnharmed(t, plain)
				}
			}
		})
	}
}

// fork(2) and mmap(2) fail in slurmstepd.
func TestNothingCanBeStarted(t *testing.T) {
	for fault, why := range map[string]string{
		fmt.Sprint("fail_fork ", int(unix.EAGAIN)): "the evaluator cannot be forked: Resource temporarily unavailable",
		fmt.Sprint("fail_fork ", int(unix.ENOMEM)): "the evaluator cannot be forked: Cannot allocate memory",
		fmt.Sprint("fail_mmap ", int(unix.ENOMEM)): "no memory for the board: Cannot allocate memory",
	} {
		for _, mode := range []string{"cpus 2", "contain"} {
			step{env: plain, more: []string{"tasks 3", fault, mode}}.asWithoutPlugin(t, why)
		}
	}
}

// A task whose mask was moved evaluates again; if that fails it is as without the
// plugin. Either way it has no child, which the host looks for.
func TestSecondEvaluationFails(t *testing.T) {
	for _, fault := range []string{"cpus 2", "interrupts 3", "seccomp 56 1", "seccomp 9 12", "signal 9 0", "signal 9 800", "signal 19 1000"} {
		s := step{env: plain, ms: 300, more: []string{"tasks 2", "move", fault}}
		o := s.launch(t)
		o.unharmed(t)
		for i := range o.tasks {
			if !o.has(i, "OMP_NUM_THREADS=1") && cmp.Diff(plain, o.env(i)) != "" {
				t.Errorf("%s: task %d has %q", fault, i, o.env(i))
			}
		}
		if fault == "cpus 2" || fault == "interrupts 3" {
			o.served(t)
		}
	}
}

// System calls that are refused in the evaluator, as a seccomp filter of the site's
// or an older kernel does it. Numbers that an architecture lacks refuse nothing.
func TestEvaluatorWithoutSystemCall(t *testing.T) {
	calls := map[string]int{
		"clone": unix.SYS_CLONE, "clone3": unix.SYS_CLONE3, "mmap": unix.SYS_MMAP, "munmap": unix.SYS_MUNMAP, "mprotect": unix.SYS_MPROTECT,
		"brk": unix.SYS_BRK, "madvise": unix.SYS_MADVISE, "futex": unix.SYS_FUTEX, "set_robust_list": unix.SYS_SET_ROBUST_LIST,
		"prctl": unix.SYS_PRCTL, "setresuid": unix.SYS_SETRESUID, "setresgid": unix.SYS_SETRESGID, "getgroups": unix.SYS_GETGROUPS,
		"getresuid": unix.SYS_GETRESUID, "capset": unix.SYS_CAPSET, "close_range": unix.SYS_CLOSE_RANGE, "openat": unix.SYS_OPENAT,
		"read": unix.SYS_READ, "pread64": unix.SYS_PREAD64, "close": unix.SYS_CLOSE, "fstat": unix.SYS_FSTAT, "newfstatat": unix.SYS_NEWFSTATAT,
		"readlinkat": unix.SYS_READLINKAT, "getdents64": unix.SYS_GETDENTS64, "getcwd": unix.SYS_GETCWD, "fcntl": unix.SYS_FCNTL,
		"rt_sigaction": unix.SYS_RT_SIGACTION, "rt_sigprocmask": unix.SYS_RT_SIGPROCMASK, "sigaltstack": unix.SYS_SIGALTSTACK,
		"sched_getaffinity": unix.SYS_SCHED_GETAFFINITY, "sched_yield": unix.SYS_SCHED_YIELD, "setitimer": unix.SYS_SETITIMER,
		"prlimit64": unix.SYS_PRLIMIT64, "setrlimit": unix.SYS_SETRLIMIT, "gettid": unix.SYS_GETTID, "getpid": unix.SYS_GETPID,
		"nanosleep": unix.SYS_NANOSLEEP, "clock_gettime": unix.SYS_CLOCK_GETTIME, "exit_group": unix.SYS_EXIT_GROUP, "exit": unix.SYS_EXIT,
		"uname": unix.SYS_UNAME, "getrandom": unix.SYS_GETRANDOM, "epoll_create1": unix.SYS_EPOLL_CREATE1,
	}
	if *soak {
		for number := range 470 {
			calls[fmt.Sprint(number)] = number
		}
	}
	for name, number := range calls {
		// 0 is death by SIGSYS
		for _, errno := range []unix.Errno{0, unix.EPERM, unix.ENOSYS, unix.ENOMEM} {
			t.Run(strings.ReplaceAll(fmt.Sprint(name, " ", int(errno)), " ", "-"), func(t *testing.T) {
				s := step{env: plain, ms: 150, more: []string{"tasks 2", fmt.Sprintf("seccomp %d %d", number, errno)}}
				s.launch(t).servedOrUnharmed(t, plain)
			})
		}
	}
}

// close_range(2) is missing, as on kernels before 5.9, and the limit of open files is
// no number to count to: the policy is there all the same.
func TestDescriptorsOnOldKernel(t *testing.T) {
	for _, limit := range []int{0, 8, 1 << 20} {
		o := step{env: plain, more: []string{
			fmt.Sprintf("seccomp %d %d", unix.SYS_CLOSE_RANGE, unix.ENOSYS), fmt.Sprintf("limit %d %d", unix.RLIMIT_NOFILE, limit),
		}}.launch(t)
		o.unharmed(t)
		if limit >= 8 {
			o.served(t)
		}
	}
}

var resources = map[string]int{
	"RLIMIT_AS": unix.RLIMIT_AS, "RLIMIT_CPU": unix.RLIMIT_CPU, "RLIMIT_DATA": unix.RLIMIT_DATA, "RLIMIT_FSIZE": unix.RLIMIT_FSIZE,
	"RLIMIT_MEMLOCK": unix.RLIMIT_MEMLOCK, "RLIMIT_NOFILE": unix.RLIMIT_NOFILE, "RLIMIT_NPROC": unix.RLIMIT_NPROC, "RLIMIT_RSS": unix.RLIMIT_RSS,
	"RLIMIT_STACK": unix.RLIMIT_STACK, "RLIMIT_SIGPENDING": 11, "RLIMIT_NICE": 13, "RLIMIT_RTPRIO": 14,
}

// If the user may have no more threads, Go is not even started: it would try for long.
func TestNoThreadForTheEngine(t *testing.T) {
	for _, mode := range []string{"cpus 2", "contain"} {
		step{more: []string{mode, fmt.Sprintf("limit %d 1", unix.RLIMIT_NPROC)}}.
			asWithoutPlugin(t, "no thread for the engine: Resource temporarily unavailable")
	}
}

// The evaluator meets each limit at many heights, and so does slurmstepd those that
// let it launch tasks at all.
func TestLimits(t *testing.T) {
	for name, resource := range resources {
		t.Run(name, func(t *testing.T) {
			for _, value := range heights(name) {
				for _, mode := range []string{"cpus 2", "contain"} {
					s := step{env: plain, ms: 200, more: []string{"tasks 2", mode, fmt.Sprintf("limit %d %d", resource, value)}}
					s.launch(t).servedOrUnharmed(t, plain)
				}
			}
		})
	}
	for name, values := range map[string][]int{
		"RLIMIT_NPROC": {0, 1, 2, 8}, "RLIMIT_NOFILE": {32}, "RLIMIT_FSIZE": {4096}, "RLIMIT_STACK": {256 << 10, 8 << 20},
		"RLIMIT_AS": {96 << 20, 128 << 20, 256 << 20}, "RLIMIT_DATA": {16 << 20, 64 << 20}, "RLIMIT_CPU": {1},
	} {
		t.Run("slurmd "+name, func(t *testing.T) {
			for _, value := range values {
				s := step{env: plain, ms: 200, more: []string{"tasks 2", fmt.Sprintf("own_limit %d %d", resources[name], value)}}
				s.launch(t).servedOrUnharmed(t, plain)
			}
		})
	}
}

func heights(name string) []int {
	values := []int{0, 1, 2, 3, 5, 8, 16}
	if name == "RLIMIT_AS" || name == "RLIMIT_DATA" || name == "RLIMIT_STACK" {
		for mib := 1; mib <= 1024; mib *= 2 {
			values = append(values, mib<<20, mib*3<<19)
		}
	}
	return values
}
