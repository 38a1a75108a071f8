// SPDX-License-Identifier: MIT

package doctor

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestOthers: other plugins that have the names of our variables in their files.
func TestOthers(t *testing.T) {
	const other = "/usr/lib64/slurm/other.so"
	for name, test := range map[string]struct {
		do   func(h host)
		want string // "": nothing is said
	}{
		"a name":       {func(h host) { h.compile("other.c", other, `NAME="OMP_NUM_THREADS"`) }, other + " (" + stackFile + ":1) names OMP_NUM_THREADS in its file"},
		"with a value": {func(h host) { h.compile("other.c", other, `NAME="OMP_PROC_BIND=close"`) }, "names OMP_PROC_BIND in its file"},
		"of the site": {func(h host) {
			h.compile("other.c", other, `NAME="SITE_THREADS"`)
			h.write(policyFile, "rule a\n set SITE_THREADS 1\n")
		}, "names SITE_THREADS"},
		"several":       {func(h host) { h.compile("other.c", other, `NAME="OMP_NUM_THREADS\0OMP_PROC_BIND"`) }, "OMP_NUM_THREADS, OMP_PROC_BIND in"},
		"a part of one": {func(h host) { h.compile("other.c", other, `NAME="MY_OMP_NUM_THREADS"`) }, ""},
		"a longer one":  {func(h host) { h.compile("other.c", other, `NAME="OMP_NUM_THREADS_MAX"`) }, ""},
		"no name":       {func(h host) { h.compile("other.c", other, `NAME="SITE_SCRATCH"`) }, ""},
		"not there":     {func(host) {}, ""},
		"a directory":   {func(h host) { h.write(other+"/x", "") }, ""},
		"a FIFO": {func(h host) {
			if err := unix.Mkfifo(filepath.Join(h.root, other), 0o644); err != nil {
				h.Fatal(err)
			}
		}, ""},
	} {
		h := healthy(t)
		h.write(stackFile, "optional other.so\nrequired other.so\ninclude plugstack.conf.d/*.conf\n")
		test.do(h)
		got := show(Examine(h.options()).Findings)
		said := strings.Count(got, "note other plugins: ")
		if test.want == "" && said != 0 || test.want != "" && (said != 1 || !strings.Contains(got, test.want)) {
			t.Errorf("%s: want %q in\n%s", name, test.want, got)
		}
	}
}
