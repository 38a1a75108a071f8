// SPDX-License-Identifier: MIT

package site

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"slurm-mp-policy/regular"
)

// Config is the content of slurm.conf.
type Config struct {
	Values map[string]string // by keys in lower case
	File   string            // slurm.conf, or the file that another source names; "" if there is none
	Cached bool              // it is a copy that slurmd or sackd fetched (configless)
}

// Has reports whether the list of a key has the word.
func (c Config) Has(key, word string) bool {
	for option := range strings.SplitSeq(c.Values[key], ",") {
		if strings.EqualFold(strings.TrimSpace(option), word) {
			return true
		}
	}
	return false
}

// ConfFiles are the paths of slurm.conf in Slurm's packages, see slurm.conf(5).
var ConfFiles = []string{"/etc/slurm/slurm.conf", "/etc/slurm-llnl/slurm.conf", "/opt/slurm/etc/slurm.conf", "/usr/local/etc/slurm.conf"}

// cacheFiles are the paths of copies of it, see configless_slurm.
var cacheFiles = []string{"/run/slurm/conf/slurm.conf", "/var/spool/slurmd/conf-cache/slurm.conf", "/var/spool/slurm/d/conf-cache/slurm.conf"}

// SlurmConf reads the named slurm.conf. If the name is empty, it reads the one of
// $SLURM_CONF or of Slurm's own directories. For a host without slurm.conf it returns a
// Config without a File.
func (h Host) SlurmConf(named string) (Config, error) {
	c := Config{Values: map[string]string{}, File: named}
	if c.File == "" && h.Prefix == "" {
		c.File = os.Getenv("SLURM_CONF")
	}
	for _, name := range slices.Concat(ConfFiles, cacheFiles) {
		if c.File == "" && h.Exists(name) {
			c.File = name
		}
	}
	if c.File == "" {
		return c, nil
	}
	c.Cached = slices.Contains(cacheFiles, c.File)
	return c, h.readConf(c.Values, c.File, 0)
}

// maxDepth bounds how deep files include each other, because a file may include itself.
const maxDepth = 8

// readConf reads the lines KEY=VALUE of slurm.conf and of what it includes; lines with
// several are those of nodes and partitions.
func (h Host) readConf(values map[string]string, name string, depth int) error {
	f, err := regular.Open(h.At(name))
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		line = strings.TrimSpace(line)
		if words := strings.Fields(line); len(words) == 2 && strings.EqualFold(words[0], "include") && depth < maxDepth {
			_ = h.readConf(values, besideFile(name, words[1]), depth+1) // Slurm itself complains of one that is missing
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok {
			values[strings.ToLower(strings.TrimSpace(key))] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return lines.Err()
}

// PlugstackFile returns the path of plugstack.conf.
func (c Config) PlugstackFile() string {
	if name := c.Values["plugstackconfig"]; name != "" && name != "(null)" {
		return name
	}
	if filepath.IsAbs(c.File) {
		return filepath.Join(filepath.Dir(c.File), "plugstack.conf")
	}
	return "/etc/slurm/plugstack.conf"
}
