// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"

	"slurm-mp-policy/tests/mpich"
)

// mpichSource has Debian's mpi4py, which is compiled for Open MPI, run on MPICH,
// which srun --mpi=pmi2 starts.
const mpichSource = "tests/e2e/programs/mpich.c"

func (s *session) mpichDirectory() string { return filepath.Join(s.cluster.Home, "mpich") }

// mpich builds the library that mpichSource is of, and returns its directory, or ""
// where something for it is not on this machine.
func (s *session) mpich() (string, error) {
	mpi4py, library, ok := mpich.Libraries()
	if !ok {
		return "", nil
	}
	others, err := mpich.Missing(mpi4py)
	if err != nil {
		return "", err
	}
	file := filepath.Join(s.work, "others.c")
	if err := os.WriteFile(file, []byte(others), 0o644); err != nil {
		return "", err
	}
	if err := os.MkdirAll(s.mpichDirectory(), 0o755); err != nil {
		return "", err
	}
	return s.mpichDirectory(), s.compile(filepath.Join(s.mpichDirectory(), "libmpi.so.40"), "-shared", "-Wl,-soname,libmpi.so.40", mpichSource, file, library)
}
