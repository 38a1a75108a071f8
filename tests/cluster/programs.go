// SPDX-License-Identifier: MIT

package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// systemPath is where a distribution's packages put programs.
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// needed names the programs that a cluster is made of.
var needed = []string{"munged", "slurmctld", "slurmd", "srun", "sinfo"}

// searchPath returns the PATH of everything in a cluster: the system's directories,
// and before them that of srun where it stands elsewhere.
func searchPath() string {
	srun, err := exec.LookPath("srun")
	if err != nil {
		return systemPath
	}
	dir := filepath.Dir(srun)
	for _, known := range strings.Split(systemPath, ":") {
		if dir == known {
			return systemPath
		}
	}
	return dir + ":" + filepath.Join(filepath.Dir(dir), "sbin") + ":" + systemPath
}

// findProgram returns the path of a program in searchPath, or the name as it is.
func findProgram(name string) string {
	if strings.Contains(name, "/") {
		return name
	}
	for _, dir := range strings.Split(searchPath(), ":") {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return name
}

func checkPrograms() error {
	var missing []string
	for _, name := range needed {
		if findProgram(name) == name {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return fmt.Errorf("%s: not installed; run tests/install-deps", strings.Join(missing, ", "))
	}
	return nil
}
