// SPDX-License-Identifier: MIT

package packages

import (
	"slices"
	"strings"
	"testing"
)

// TestRecipes holds the Spack package and the EasyBuild recipe against VERSION and the
// Makefile: of this version, what make would install, and the line for plugstack.conf.
func TestRecipes(t *testing.T) {
	version := output(t, "cat", "VERSION")
	out := output(t, "/usr/bin/python3", "tests/packages/testdata/recipes.py", project(t), t.TempDir())
	spack, easybuild, ok := strings.Cut(strings.TrimPrefix(out, "spack\n"), "\neasybuild\n")
	if !ok {
		t.Fatalf("recipes.py prints\n%s", out)
	}
	both := []string{
		"version " + version,
		"source slurm-mp-policy-" + version + ".tar.gz", // packaging/source-archive
		"installs PREFIX/bin/mp-policy",
		"installs PREFIX/lib/slurm/mp_policy.so",
		"installs PREFIX/lib/slurm-mp-policy/libmp_policy.so",
		"installs PREFIX/share/slurm-mp-policy/plugstack.conf.d/mp_policy.conf",
		"line optional PREFIX/lib/slurm/mp_policy.so",
	}
	for _, r := range []struct {
		name, facts string
		want        []string
	}{
		{"packaging/spack/package.py", spack, []string{"licence MIT", "needs slurm", "needs go@" + goVersion(t) + ":"}},
		{"packaging/easybuild", easybuild, []string{"recipe slurm-mp-policy-" + version + ".eb", "needs Go"}},
	} {
		facts := strings.Split(r.facts, "\n")
		for _, want := range append(r.want, both...) {
			if !slices.Contains(facts, want) {
				t.Errorf("%s: no %q in\n%s", r.name, want, r.facts)
			}
		}
		for _, fact := range facts {
			if path, ok := strings.CutPrefix(fact, "installs "); ok && !strings.HasPrefix(path, "PREFIX/") {
				t.Errorf("%s: %s is not below its prefix", r.name, path)
			}
			if path, ok := strings.CutPrefix(fact, "looks for "); ok && !slices.Contains(facts, "installs PREFIX/"+path) {
				t.Errorf("%s looks for %s, which make install does not make", r.name, path)
			}
		}
	}
}

// goVersion is the major.minor that go.mod asks for.
func goVersion(t *testing.T) string {
	t.Helper()
	fields := strings.Split(output(t, "go", "mod", "edit", "-print"), "\ngo ")
	if len(fields) != 2 {
		t.Fatal("go.mod has no go line")
	}
	parts := strings.SplitN(fields[1], ".", 3)
	return parts[0] + "." + strings.Fields(parts[1])[0]
}
