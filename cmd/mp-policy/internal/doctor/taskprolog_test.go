// SPDX-License-Identifier: MIT

package doctor

import (
	"strings"
	"testing"
)

// TestTaskProlog: what a TaskProlog prints reaches the task after the plugin.
func TestTaskProlog(t *testing.T) {
	for text, want := range map[string]string{
		"#!/bin/sh\necho export OMP_NUM_THREADS=4\n":           "OMP_NUM_THREADS (line 2)",
		"#!/bin/sh\necho \"unset OMP_PROC_BIND\"\n":            "OMP_PROC_BIND (line 2)",
		"#!/bin/sh\ncat <<EOF\nexport OMP_PLACES=cores\nEOF\n": "OMP_PLACES (line 3)",
		"#!/bin/sh\nexport OMP_NUM_THREADS=4\n":                "",
		"#!/bin/sh\n# echo export OMP_NUM_THREADS=4\n":         "",
		"#!/bin/sh\necho export SITE_SCRATCH=/tmp\n":           "",
	} {
		h := healthy(t)
		h.write("/etc/slurm/slurm.conf", "PluginDir=/usr/lib64/slurm\nTaskProlog=/etc/slurm/prolog\n")
		h.write("/etc/slurm/prolog", text)
		got := show(Examine(h.options()).Findings)
		if found := strings.Contains(got, "note TaskProlog: /etc/slurm/prolog "); found != (want != "") || !strings.Contains(got, want) {
			t.Errorf("%q: want %q in\n%s", text, want, got)
		}
	}
}
