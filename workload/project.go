// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"strings"
)

// uv follows "uv run". It runs a command, a script by its name, a module with -m or a
// script from standard input.
func (w *walker) uv(words []string) ([]string, bool) {
	s := syntax{short: "pwifPC", long: []string{
		"project", "directory", "config-file", "cache-dir", "color", "allow-insecure-host", "with", "with-editable",
		"with-requirements", "python", "extra", "no-extra", "group", "no-group", "only-group", "env-file", "package",
		"index", "default-index", "index-url", "extra-index-url", "find-links", "resolution", "prerelease",
		"refresh-package", "reinstall-package", "upgrade-package", "no-build-package", "no-binary-package",
		"link-mode", "python-platform", "index-strategy", "keyring-provider", "exclude-newer", "fork-strategy",
		"config-setting",
	}, stop: "ms"}
	given, words := s.parse(words)
	w.uvDir(given)
	if len(words) == 0 || words[0] != "run" {
		return nil, false
	}
	given, rest := s.parse(words[1:])
	w.uvDir(given)
	w.projectPath()
	if n := len(given); n > 0 {
		switch last := given[n-1]; last.name {
		case "m":
			return append([]string{"python", "-m", last.value}, rest...), true
		case "s":
			return append([]string{"python", last.value}, rest...), true
		}
	}
	for i, o := range given {
		// --module and --script are flags that describe the next word.
		if o.name == "module" && len(rest) > 0 {
			return append([]string{"python", "-m"}, rest...), true
		}
		if (o.name == "script" || o.name == "gui-script") && i == len(given)-1 && len(rest) > 0 {
			return append([]string{"python"}, rest...), true
		}
	}
	if len(rest) > 0 && (rest[0] == "-" || strings.HasSuffix(rest[0], ".py") || strings.HasSuffix(rest[0], ".pyz")) {
		return append([]string{"python"}, rest...), true
	}
	return rest, true
}

func (w *walker) uvDir(given []option) {
	if dir, ok := lastOption(given, "directory"); ok {
		w.dir = w.join(dir)
	}
}

// projectPath puts the project's environment first on PATH. The tools create the
// environment at this place by default.
func (w *walker) projectPath() {
	w.path = w.join(path.Join(".venv", "bin")) + ":" + w.path
}

// projectRun follows "poetry run" and similar commands. A task that the project names
// itself (pixi, hatch) is not looked up in the project's files; it counts as not found.
func (w *walker) projectRun(tool string, words []string) ([]string, bool) {
	_, words = syntax{short: "CPepm", long: []string{"directory", "project", "env", "manifest-path", "python", "color", "config"}}.parse(words)
	if len(words) == 0 || words[0] != "run" {
		return nil, false
	}
	s := syntax{short: "pse", long: []string{"environment", "manifest-path", "project", "site-packages", "venv", "color", "concurrent-downloads"}}
	_, rest := s.parse(words[1:])
	if len(rest) == 0 {
		return nil, true
	}
	switch tool {
	case "hatch": // hatch run [ENV:]COMMAND
		if env, command, ok := strings.Cut(rest[0], ":"); ok && !strings.Contains(env, "/") {
			rest = append([]string{command}, rest[1:]...)
		}
	case "poetry", "pdm", "pipenv", "rye":
		w.projectPath()
	}
	return rest, true
}
