// SPDX-License-Identifier: MIT

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// inCgroup runs a host in a cgroup. The memory of an evaluator that is gone can still be
// counted for a moment, in which the kernel takes the next, and not every machine lets the
// host be spared as slurmstepd is: then it has another try.
const inCgroup = `#!/bin/sh
for try in 1 2 3; do
	sh -c 'echo $$ >"$0" && exec "$@"' %[1]s/cgroup.procs %[2]s "$@" >%[3]s
	status=$?
	[ $status = 137 ] || break
done
cat %[3]s
exit $status
`

// smallCgroup makes a memory cgroup of so many MiB and a host that runs in it.
func smallCgroup(t *testing.T, mib int) string {
	t.Helper()
	root, file := "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
	if _, err := os.Stat(root); err != nil {
		root, file = "/sys/fs/cgroup", "memory.max"
	}
	group, err := os.MkdirTemp(root, "mp-policy-faults-")
	if err == nil {
		t.Cleanup(func() { unix.Rmdir(group) })
		err = os.WriteFile(filepath.Join(group, file), []byte(strconv.Itoa(mib<<20)), 0)
	}
	if err != nil {
		t.Skipf("this machine lets nobody limit memory: %v", err)
	}
	wrapper := inScratch(fmt.Sprint("host-of-", mib))
	must(t, os.WriteFile(wrapper, fmt.Appendf(nil, inCgroup, group, host, wrapper+".out"), 0o755))
	return wrapper
}

// A memory cgroup that the evaluation does not fit into ends the evaluator, and not
// slurmstepd or a task.
func TestSmallMemoryCgroup(t *testing.T) {
	for _, mib := range []int{8, 12, 16, 32} {
		for _, kind := range []string{"", "allocates"} {
			s := step{host: smallCgroup(t, mib), env: plain, ms: 500, more: []string{"tasks 4"}}
			if kind == "" {
				s.launch(t).servedOrUnharmed(t, plain)
				continue
			}
			s.lib = brokenEngine(t, kind)
			s.asWithoutPlugin(t, silence+"|no answer within 500 ms")
		}
	}
}
