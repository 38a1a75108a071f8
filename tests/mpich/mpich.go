// SPDX-License-Identifier: MIT

// Package mpich helps to run Debian's mpi4py, which is compiled for Open MPI, on
// Debian's MPICH, which srun --mpi=pmi2 starts: through a libmpi.so.40 that is
// compiled of tests/e2e/programs/mpich.c, what [Missing] writes, and MPICH.
package mpich

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Libraries returns the paths of mpi4py's library and of MPICH's. ok is false where
// one of them is not on this machine, or where mpi4py is for Open MPI 6, which calls
// other functions than mpich.c has.
func Libraries() (mpi4py, mpich string, ok bool) {
	var paths []string
	for _, pattern := range []string{"/usr/lib/python3/dist-packages/mpi4py/MPI.*.so", "/usr/lib/*/libmpich.so.12"} {
		found, _ := filepath.Glob(pattern)
		if len(found) == 0 {
			return "", "", false
		}
		paths = append(paths, found[0])
	}
	text, err := os.ReadFile(paths[0])
	return paths[0], paths[1], err == nil && !bytes.Contains(text, []byte("\x00MPI_Allreduce_c\x00"))
}

// Missing is a C file with everything that the library takes from Open MPI, for it
// to be loaded; what mpich.c has takes the place of what is there.
func Missing(library string) (string, error) {
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
		switch name := symbol.Name; {
		case strings.HasPrefix(name, "ompi_"):
			fmt.Fprintf(&b, "char %s[8];\n", name)
		case strings.HasPrefix(name, "MPI"), strings.HasPrefix(name, "OMPI_"):
			fmt.Fprintf(&b, "__attribute__((weak)) void %s(void) { missing(%[1]q); }\n", name)
		}
	}
	return b.String(), nil
}
