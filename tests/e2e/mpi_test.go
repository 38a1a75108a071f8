// SPDX-License-Identifier: MIT

package e2e

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// addMPI puts a libmpi.so.40 into $MPICH on which Debian's mpi4py, compiled for
// Open MPI, runs on Debian's MPICH (programs/mpich.c), and
// sets hasMPI, where both are on this machine and mpi4py is not for Open MPI 6.
func (s *site) addMPI(t testing.TB) {
	t.Helper()
	mpi4py := first("/usr/lib/python3/dist-packages/mpi4py/MPI.*.so")
	mpich := first("/usr/lib/*/libmpich.so.12")
	if mpi4py == "" || mpich == "" {
		return
	}
	// mpi4py for Open MPI 6 calls other functions than mpich.c has
	if text, err := os.ReadFile(mpi4py); err != nil || bytes.Contains(text, []byte("\x00MPI_Allreduce_c\x00")) {
		return
	}
	folder := s.environment()["MPICH"]
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing.c")
	if err := os.WriteFile(missing, []byte(allOfMPI(t, mpi4py)), 0o644); err != nil {
		t.Fatal(err)
	}
	compile(t, "-shared", "-fPIC", "-Wl,-soname,libmpi.so.40", "programs/mpich.c", missing, mpich,
		"-o", filepath.Join(folder, "libmpi.so.40"))
	s.hasMPI = true
}

// allOfMPI is a C file with everything that the library takes from Open MPI, for
// it to be loaded; what programs/mpich.c has takes the place of what is here.
func allOfMPI(t testing.TB, library string) string {
	t.Helper()
	file, err := elf.Open(library)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	symbols, err := file.ImportedSymbols()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("void missing(const char *what);\n")
	for _, symbol := range symbols {
		switch name := symbol.Name; {
		case strings.HasPrefix(name, "ompi_"):
			fmt.Fprintf(&b, "char %s[8];\n", name)
		case strings.HasPrefix(name, "MPI"), strings.HasPrefix(name, "OMPI_"):
			fmt.Fprintf(&b, "__attribute__((weak)) void %s(void) { missing(%[1]q); }\n", name)
		}
	}
	return b.String()
}
