// SPDX-License-Identifier: MIT

package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestBreaker: what is said of the files that the plugin keeps of late evaluations.
func TestBreaker(t *testing.T) {
	file := func(h host, name string, age time.Duration) {
		h.Helper()
		h.write(filepath.Join(breakerDir, name), "")
		when := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(h.root, breakerDir, name), when, when); err != nil {
			h.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		do   func(h host, o *Options)
		want string
	}{
		"none":    {func(host, *Options) {}, "ok late evaluations: none since the host was started"},
		"empty":   {func(h host, _ *Options) { h.write(breakerDir+"/x", "") }, "ok late evaluations: none in the last 5 minutes"},
		"old":     {func(h host, _ *Options) { file(h, "1000.3", time.Hour) }, "ok late evaluations: none in the last 5 minutes"},
		"future":  {func(h host, _ *Options) { file(h, "1000.3", -time.Hour) }, "ok late evaluations: none in the last 5 minutes"},
		"foreign": {func(h host, _ *Options) { file(h, "x.3", 0); file(h, "-1.3", 0) }, "ok late evaluations: none"},
		"some": {
			func(h host, _ *Options) { file(h, "1000.1", time.Minute); file(h, "7.1", 0); file(h, "7.2", 0) },
			"note late evaluations: some of the last 5 minutes, of users 7, 1000 ",
		},
		"given up": {
			func(h host, _ *Options) { file(h, "1000.3", 4*time.Minute); file(h, "7.1", 0) },
			"warn late evaluations: the steps of user 1000 are left alone for now: 3 evaluations in a row were late (look for",
		},
		"many": {func(h host, _ *Options) {
			for uid := range 8 {
				file(h, fmt.Sprintf("%d.3", uid), 0)
			}
		}, "the steps of users 0, 1, 2, 3, 4 and 3 more are left"},
		"of no directory": {func(h host, _ *Options) { h.write(breakerDir, "") }, "it is no directory (rm " + breakerDir},
		"a link":          {func(h host, _ *Options) { h.link("/tmp", breakerDir) }, "it is no directory (rm " + breakerDir},
		"of others": {
			func(h host, _ *Options) { file(h, "7.3", 0); h.chmod(breakerDir, 0o777) },
			"it has mode 0777 (chmod 0755 " + breakerDir,
		},
		"not to be read":  {func(h host, _ *Options) { file(h, "7.3", 0); h.chmod(breakerDir, 0o700) }, "it has mode 0700 (chmod 0755 "},
		"of another user": {func(h host, o *Options) { file(h, "7.3", 0); o.Owner++ }, "it is owned by uid "},
		"a submit host":   {func(h host, o *Options) { file(h, "7.3", 0); o.Role = Submit }, ""},
	} {
		h := healthy(t)
		o := h.options()
		test.do(h, &o)
		got := show(Examine(o).Findings)
		if !strings.Contains(got, test.want) || test.want == "" && strings.Contains(got, "late evaluations") {
			t.Errorf("%s: want %q in\n%s", name, test.want, got)
		}
	}
}

// TestBreakerConstants holds the numbers against the shim's.
func TestBreakerConstants(t *testing.T) {
	for file, want := range map[string]string{
		"breaker.h": fmt.Sprintf(`(?m)^#define MP_BREAKER_LATES +%d\b[^$]*^#define MP_BREAKER_PAUSE_S +%d\b`, breakerLates, int(breakerPause.Seconds())),
		"breaker.c": `(?m)^#define DIRECTORY "` + breakerDir + `"$`,
	} {
		text, err := os.ReadFile("../../../../cshim/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(want).Match(text) {
			t.Errorf("cshim/%s has not %s", file, want)
		}
	}
}
