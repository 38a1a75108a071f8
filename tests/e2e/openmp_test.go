// SPDX-License-Identifier: MIT

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"slurm-mp-policy/nodeinfo"
)

// addOpenMP puts what the scripts about OpenMP run into bin: a library with a
// parallel region ($REGION, programs/region.c), and a directory for LD_LIBRARY_PATH
// where that library finds LLVM's libomp under the name of GNU's libgomp, whose
// functions libomp has too ($LIBOMP). Debian's OpenBLAS with
// OpenMP is in $OPENBLAS_OPENMP; what the machine uses otherwise stays as it is.
func (s *site) addOpenMP(t testing.TB) {
	t.Helper()
	env := s.environment()
	compile(t, "-shared", "-fPIC", "-fopenmp", "programs/region.c", "-o", env["REGION"])
	libomp := first("/usr/lib/*/libomp.so.5", "/usr/lib64/libomp.so")
	if libomp == "" {
		t.Fatal("LLVM's OpenMP runtime is missing; run tests/install-deps test")
	}
	if err := os.Mkdir(env["LIBOMP"], 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(libomp, filepath.Join(env["LIBOMP"], "libgomp.so.1")); err != nil {
		t.Fatal(err)
	}
}

// threadLibraries are the builds of BLAS that thread-libraries.txt is about, by the names
// of Debian's directories.
var threadLibraries = []string{"openblas-pthread", "openblas-openmp", "blis-pthread", "blis-openmp"}

// addThreadLibraries copies them to $LIBRARIES, where the user of the scripts may read
// them. They are those of the machine, or those that tests/install-deps has unpacked.
func (s *site) addThreadLibraries(t testing.TB) {
	t.Helper()
	dir := s.environment()["LIBRARIES"]
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.hasLibraries = exec.Command("/usr/bin/python3", "-c", "import numexpr").Run() == nil
	for _, name := range threadLibraries {
		from := first("/usr/lib/*/"+name, buildDir+"/libraries/usr/lib/*/"+name)
		if from == "" {
			s.hasLibraries = false
			continue
		}
		if out, err := exec.Command("cp", "-a", from, filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Fatalf("cp: %v: %s", err, out)
		}
	}
}

// first returns the first file that matches the first pattern that has any.
func first(patterns ...string) string {
	for _, pattern := range patterns {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

// cores counts the cores of the node. Slurm has its CPUs start at 0.
func (s *site) cores() (int, error) {
	mask, err := nodeinfo.ParseList(fmt.Sprintf("0-%d", s.CPUs-1))
	if err != nil {
		return 0, err
	}
	return nodeinfo.New("/").Cores(mask)
}
