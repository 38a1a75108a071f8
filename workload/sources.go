// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"strings"

	"slurm-mp-policy/workload/shell"
)

// maxSourced bounds the files that the scripts of one step source, because each is a
// lookup on a file system that may be slow. Real scripts source one or two.
const maxSourced = 8

// sources reads the files that a script sources. It knows the scripts that put a Python
// environment first on PATH.
type sources struct {
	w     *walker
	conda string // the installation's directory, "" if none was named
}

func (s *sources) read(file string) (string, bool) {
	if s.w.isSetup(file) {
		return "", false
	}
	if s.w.sourced >= maxSourced {
		s.mayCompute()
		return "", false
	}
	s.w.sourced++
	text, size, err := s.w.files.read(file, shell.MaxText)
	if err != nil {
		return "", false
	}
	if size > shell.MaxText {
		s.mayCompute()
		return "", false
	}
	return string(text), true
}

// mayCompute notes a file that exists and was not read.
func (s *sources) mayCompute() {
	if s.w.mix != nil {
		s.w.mix.unread = true
	}
}

// isSetup reports whether a script sets up a shell, or sets up the commands that load
// modules. Such a script is long, but it starts nothing that computes. A file with such a
// name beside the job, or one directory below, belongs to the user ("source modules.sh").
func (w *walker) isSetup(file string) bool {
	if strings.HasPrefix(file, "/etc/") {
		return true
	}
	below, isBelow := strings.CutPrefix(file, w.join(".")+"/")
	if isBelow && !strings.HasPrefix(below, ".") && strings.Count(below, "/") < 2 {
		return false
	}
	switch path.Base(file) {
	case ".bashrc", "bashrc", ".bash_profile", ".profile", "profile", ".zshrc", "modules.sh", "lmod.sh", "setup-env.sh",
		"setvars.sh", "vars.sh", "conda.sh", "mamba.sh", "micromamba.sh":
		return true
	}
	dir := path.Base(path.Dir(file))
	return dir == "init" || dir == "profile.d"
}

// path returns PATH after a command that activates an environment. Sources: venv's
// activate; conda/shell/bin/activate; "conda activate" in conda/activate.py.
func (s *sources) path(words []string, dir, old string) (string, bool) {
	switch words[0] {
	case "source", ".":
		return s.sourced(words[1:], dir, old)
	case "conda", "mamba", "micromamba":
		if len(words) == 2 {
			return s.activated("base", dir, old)
		}
		return s.activated(words[len(words)-1], dir, old)
	}
	return "", false
}

// sourced follows ". DIR/activate [NAME]" and ". DIR/etc/profile.d/conda.sh".
func (s *sources) sourced(words []string, dir, old string) (string, bool) {
	if len(words) == 0 || !isKnownText(words[0]) {
		return "", false
	}
	file := words[0]
	if !path.IsAbs(file) {
		file = path.Join(dir, file)
	}
	switch path.Base(file) {
	case "conda.sh", "mamba.sh":
		s.conda = path.Dir(path.Dir(path.Dir(file)))
		return old, true
	case "activate":
		if s.w.files.isRegular(path.Join(path.Dir(file), "conda")) {
			s.conda = path.Dir(path.Dir(file))
		}
		if len(words) > 1 {
			return s.activated(words[1], dir, old)
		}
		return first(path.Dir(file), old), true
	}
	return "", false
}

// activated puts a conda environment first on PATH. It is given as a directory, or as a
// name that is looked up among the environments of the installation and of the user.
func (s *sources) activated(name, dir, old string) (string, bool) {
	if !isKnownText(name) {
		return "", false
	}
	if strings.Contains(name, "/") {
		if !path.IsAbs(name) {
			name = path.Join(dir, name)
		}
		return first(path.Join(name, "bin"), old), true
	}
	roots := []string{s.conda}
	if exe, ok := s.w.variable("CONDA_EXE"); ok {
		roots = append(roots, path.Dir(path.Dir(exe)))
	}
	if root, ok := s.w.variable("MAMBA_ROOT_PREFIX"); ok {
		roots = append(roots, root)
	}
	for _, root := range roots {
		bin := path.Join(root, "envs", name, "bin")
		if name == "base" {
			bin = path.Join(root, "bin")
		}
		if root != "" && s.w.files.isDir(bin) {
			return first(bin, old), true
		}
	}
	if home, ok := s.w.variable("HOME"); ok {
		if bin := path.Join(home, ".conda", "envs", name, "bin"); s.w.files.isDir(bin) {
			return first(bin, old), true
		}
	}
	return "", false
}

// first puts a directory first on PATH. A second activation does not put it there twice,
// because venv's script first removes the directory that it added before.
func first(bin, old string) string {
	if strings.HasPrefix(old, bin+":") {
		return old
	}
	return bin + ":" + old
}
