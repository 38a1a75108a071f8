// SPDX-License-Identifier: MIT

// Package site reads the settings of a host's administrators: slurm.conf, the plugin's
// line in plugstack.conf, and the kill switch. It starts no program.
package site

import (
	"os"
	"path/filepath"
	"strings"
)

// Names that are fixed. The shim has the same kill switch (cshim/mp_policy.c).
const (
	ShimName   = "mp_policy.so"
	KillSwitch = "/etc/slurm/mp_policy.off"
)

// Host is the machine whose files are read.
type Host struct {
	Prefix string // "" for this host; else a directory with another's /etc and /usr
}

// At returns the path by which this process reaches a path of the host.
func (h Host) At(path string) string {
	if h.Prefix == "" {
		return path
	}
	return filepath.Join(h.Prefix, h.Real(path))
}

// maxLinks is how many symbolic links Linux follows in a path (path_resolution(7)).
const maxLinks = 40

// Real returns the host's path without symbolic links, as the host follows them: the link
// that switches the plugin on is absolute. A part that does not exist is not changed.
func (h Host) Real(path string) string {
	done, rest, links := "/", filepath.Clean("/"+path), 0
	for rest != "" {
		var name string
		name, rest, _ = strings.Cut(strings.TrimPrefix(rest, "/"), "/")
		next := filepath.Join(done, name)
		target, err := os.Readlink(filepath.Join(h.Prefix, next))
		if err != nil || links == maxLinks {
			done = next
			continue
		}
		links++
		if filepath.IsAbs(target) {
			done = "/"
		}
		rest = filepath.Join(target, rest)
	}
	return done
}

// Inside returns the host's path that At turned into this one.
func (h Host) Inside(path string) string {
	if h.Prefix == "" {
		return path
	}
	return filepath.Join("/", strings.TrimPrefix(path, filepath.Clean(h.Prefix)))
}

// Exists reports whether the host has the path.
func (h Host) Exists(path string) bool {
	_, err := os.Stat(h.At(path))
	return err == nil
}
