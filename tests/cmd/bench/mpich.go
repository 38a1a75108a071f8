// SPDX-License-Identifier: MIT

package main

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mpichSource has Debian's mpi4py, which is compiled for Open MPI, run on MPICH,
// which srun --mpi=pmi2 starts.
const mpichSource = "tests/e2e/programs/mpich.c"

func (s *session) mpichFolder() string { return filepath.Join(s.cluster.Home, "mpich") }

// mpich builds the library that mpichSource is of, and returns its folder, or ""
// where something for it is not on this machine.
func (s *session) mpich() (string, error) {
	var found []string
	for _, pattern := range []string{mpichSource, "/usr/lib/*/libmpich.so.12", "/usr/lib/python3/dist-packages/mpi4py/MPI.*.so"} {
		files, _ := filepath.Glob(pattern)
		if len(files) == 0 {
			return "", nil
		}
		found = append(found, files[0])
	}
	others, err := othersOfMPI(found[2])
	if err != nil {
		return "", err
	}
	file := filepath.Join(s.work, "others.c")
	if err := os.WriteFile(file, []byte(others), 0o644); err != nil {
		return "", err
	}
	if err := os.MkdirAll(s.mpichFolder(), 0o755); err != nil {
		return "", err
	}
	return s.mpichFolder(), s.compile(filepath.Join(s.mpichFolder(), "libmpi.so.40"), "-shared", "-Wl,-soname,libmpi.so.40", found[0], file, found[1])
}

// othersOfMPI is a C file with all that the library takes from Open MPI, for it to
// be loaded; what mpichSource has takes the place of what is here.
func othersOfMPI(library string) (string, error) {
	file, err := elf.Open(library)
	if err != nil {
		return "", err
	}
	defer file.Close()
	symbols, err := file.ImportedSymbols()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("void missing(const char *what);\n")
	for _, symbol := range symbols {
		switch {
		case strings.HasPrefix(symbol.Name, "ompi_"):
			fmt.Fprintf(&b, "char %s[8];\n", symbol.Name)
		case strings.HasPrefix(symbol.Name, "MPI_"), strings.HasPrefix(symbol.Name, "OMPI_"):
			fmt.Fprintf(&b, "__attribute__((weak)) void %s(void) { missing(%[1]q); }\n", symbol.Name)
		}
	}
	return b.String(), nil
}
