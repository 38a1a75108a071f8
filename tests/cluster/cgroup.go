// SPDX-License-Identifier: MIT

package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cgroupRoot is the directory in which Slurm looks for control groups, by default and here.
const cgroupRoot = "/sys/fs/cgroup"

// cgroupV2 reports whether the machine has only the unified hierarchy; with both
// mounted, as systemd's hybrid mode does, the controllers are in version 1.
func cgroupV2() bool {
	var st unix.Statfs_t
	return unix.Statfs(cgroupRoot, &st) == nil && st.Type == unix.CGROUP2_SUPER_MAGIC
}

// probeCgroups does the same as slurmd and slurmstepd will do, and returns what fails.
func probeCgroups() error {
	if cgroupV2() {
		return probeV2()
	}
	for controller, files := range map[string][]string{"cpuset": {"cpuset.cpus", "cpuset.mems"}, "freezer": nil} {
		if err := probeV1(filepath.Join(cgroupRoot, controller), files); err != nil {
			return err
		}
	}
	return nil
}

// probeV1 makes a group in a controller's root and gives it the CPUs and memory of its parent.
func probeV1(root string, files []string) error {
	if _, err := os.Stat(filepath.Join(root, "cgroup.procs")); err != nil {
		return fmt.Errorf("no cgroup controller at %s: %w", root, err)
	}
	dir, err := os.MkdirTemp(root, directoryPrefix)
	if err != nil {
		return err
	}
	defer unix.Rmdir(dir)
	for _, name := range files {
		value, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), value, 0); err != nil {
			return err
		}
	}
	return nil
}

// probeV2 hands the cpuset controller down from the root, as slurmd will.
func probeV2() error {
	controllers, err := os.ReadFile(filepath.Join(cgroupRoot, "cgroup.controllers"))
	if err != nil {
		return err
	}
	if !slices.Contains(strings.Fields(string(controllers)), "cpuset") {
		return fmt.Errorf("%s: %w", cgroupRoot, errNoCpuset)
	}
	if err := os.WriteFile(filepath.Join(cgroupRoot, "cgroup.subtree_control"), []byte("+cpuset"), 0); err != nil {
		return fmt.Errorf("hand down the cpuset controller: %w", err)
	}
	dir, err := os.MkdirTemp(cgroupRoot, directoryPrefix)
	if err != nil {
		return err
	}
	return unix.Rmdir(dir)
}

// cgroupsOf returns the control groups with one of the node names, in every
// hierarchy, only the topmost ones. Slurm calls them slurm_NODE (version 1) and
// NODE_slurmstepd.scope (version 2).
func cgroupsOf(nodes []string) []string {
	if len(nodes) == 0 {
		return nil
	}
	var found []string
	filepath.WalkDir(cgroupRoot, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // it is gone
		}
		if !entry.IsDir() {
			return nil
		}
		for _, node := range nodes {
			if name := entry.Name(); name == "slurm_"+node || strings.HasPrefix(name, node+"_") {
				found = append(found, path)
				return fs.SkipDir
			}
		}
		return nil
	})
	return found
}

// thaw lets frozen tasks go on: slurmstepd freezes a job before it signals it,
// and a frozen process of version 1 does not even die of SIGKILL.
func thaw(nodes []string) {
	for _, top := range cgroupsOf(nodes) {
		filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
			case entry.Name() == "freezer.state":
				os.WriteFile(path, []byte("THAWED"), 0)
			case entry.Name() == "cgroup.freeze":
				os.WriteFile(path, []byte("0"), 0)
			}
			return nil
		})
	}
}

// removeCgroups kills whatever is in the nodes' groups and removes them.
func removeCgroups(nodes []string, deadline time.Time) error {
	for {
		var errs []error
		for _, top := range cgroupsOf(nodes) {
			errs = append(errs, removeTree(top))
		}
		err := errors.Join(errs...)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(5 * time.Millisecond) // a killed process takes a moment to leave
	}
}

func removeTree(dir string) error {
	var dirs []string
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	slices.Reverse(dirs) // the deepest first
	for _, dir := range dirs {
		text, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil && pid > 1 {
				unix.Kill(pid, unix.SIGKILL)
			}
		}
		if err := unix.Rmdir(dir); err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("remove cgroup %s: %w", dir, err)
		}
	}
	return nil
}
