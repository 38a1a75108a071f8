// SPDX-License-Identifier: MIT

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"slurm-mp-policy/tests/mpich"
)

// addMPI puts a libmpi.so.40 into $MPICH on which Debian's mpi4py, compiled for
// Open MPI, runs on Debian's MPICH (programs/mpich.c), and
// sets hasMPI, where both are on this machine and mpi4py is not for Open MPI 6.
func (s *site) addMPI(t testing.TB) {
	t.Helper()
	mpi4py, library, ok := mpich.Libraries()
	if !ok {
		return
	}
	directory := s.environment()["MPICH"]
	if err := os.Mkdir(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	text, err := mpich.Missing(mpi4py)
	if err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "missing.c")
	if err := os.WriteFile(missing, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	compile(t, "-shared", "-fPIC", "-Wl,-soname,libmpi.so.40", "programs/mpich.c", missing, library,
		"-o", filepath.Join(directory, "libmpi.so.40"))
	s.hasMPI = true
}
