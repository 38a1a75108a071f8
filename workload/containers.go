// SPDX-License-Identifier: MIT

package workload

import (
	"slices"
	"strings"
)

// container follows exec and run of the container tools. The files of the program are looked up
// outside the container. Users mostly run programs from their home or scratch directory, which is
// mounted under the same path, and to read an image would take too long. A file that only the
// image has is not found, so nothing is known of the program.
func (w *walker) container(tool string, words []string) ([]string, bool) {
	_, words = syntax{short: "c", long: []string{"config", "log-level", "root"}}.parse(words)
	if len(words) == 0 {
		return nil, false
	}
	switch words[0] {
	case "exec", "run", "start", "shared-run":
	default:
		return nil, false
	}
	s, dir := containerSyntax(tool)
	given, rest := s.command(words[1:])
	w.containerDir(given, dir)
	w.containerEnvironment(tool, given)
	return rest, true
}

// containerEnvironment follows how a tool changes the environment. Apptainer hands all variables
// to the program, unless an option or a variable forbids that
// (https://apptainer.org/docs/user/main/environment_and_metadata.html); Docker and Podman
// hand over only what -e names.
func (w *walker) containerEnvironment(tool string, given []option) {
	switch tool {
	case "apptainer", "singularity":
		if w.isClean(given) {
			w.clean()
		}
		for _, o := range given {
			if o.name != "env" {
				continue
			}
			for entry := range strings.SplitSeq(o.value, ",") {
				if name, value, ok := strings.Cut(entry, "="); ok {
					w.set(name, value, commandLine)
				}
			}
		}
	case "podman":
		w.note("the container has an environment of its own: no variable that is set here reaches the program, unless -e NAME hands it over")
		for _, o := range given {
			if name, value, ok := strings.Cut(o.value, "="); ok && (o.name == "e" || o.name == "env") {
				w.set(name, value, commandLine)
			}
		}
	}
}

// containerSyntax returns the syntax of a tool's exec and run, and the names of its option for
// the working directory inside.
func containerSyntax(tool string) (s syntax, dir []string) {
	switch tool {
	case "apptainer", "singularity":
		return syntax{
			short: "BHWSo", skip: 1,
			long: []string{
				"bind", "home", "workdir", "scratch", "overlay", "env", "env-file", "pwd", "cwd", "app", "network",
				"network-args", "hostname", "dns", "security", "apply-cgroups", "fusemount", "mount", "no-mount", "cpus",
				"cpuset-cpus", "memory", "add-caps", "drop-caps", "pem-path", "docker-host",
			},
		}, []string{"pwd", "cwd"}
	case "sarus":
		return syntax{short: "w", long: []string{"mount", "workdir", "entrypoint", "env", "device", "annotation"}, skip: 1}, []string{"w", "workdir"}
	case "enroot":
		return syntax{short: "ecm", long: []string{"env", "conf", "mount", "rc", "root-prefix"}, skip: 1}, nil
	case "shifter":
		return syntax{short: "iVmew", long: []string{"image", "volume", "module", "env", "env-file", "workdir", "entrypoint"}}, []string{"w", "workdir"}
	}
	return syntax{
		short: "vewuhplmac", skip: 1,
		long: []string{
			"volume", "env", "env-file", "workdir", "user", "hostname", "publish", "label", "memory", "attach", "cpus",
			"cpuset-cpus", "name", "network", "net", "device", "entrypoint", "gpus", "ipc", "pid", "mount", "shm-size",
			"ulimit", "userns", "security-opt", "cap-add", "cap-drop", "platform", "pull", "runtime", "tmpfs",
			"group-add", "add-host", "annotation",
		},
	}, []string{"w", "workdir"}
}

// containerDir follows the option that sets the working directory inside. If that directory does
// not exist outside, most often the working directory of the command is mounted on it.
func (w *walker) containerDir(given []option, names []string) {
	dir, ok := lastOption(given, names...)
	if ok && strings.HasPrefix(dir, "/") && w.files.isDir(dir) {
		w.dir = dir
	}
}

// cleanPrefixes are the prefixes with which a variable reaches the program if the
// environment is dropped. Apptainer reads both, and the first one wins
// (https://apptainer.org/docs/user/main/singularity_compatibility.html). SingularityCE
// reads only the second one.
var cleanPrefixes = []string{"APPTAINERENV_", "SINGULARITYENV_"}

// isClean reports whether Apptainer or Singularity drops the environment.
func (w *walker) isClean(given []option) bool {
	for _, o := range given {
		switch o.name {
		case "e", "cleanenv", "C", "containall", "compat":
			return true
		}
	}
	for _, name := range [...]string{"APPTAINER_CLEANENV", "SINGULARITY_CLEANENV"} {
		if value, _ := w.variable(name); value == "1" || value == "true" {
			return true
		}
	}
	return false
}

// clean keeps only the variables that have one of the prefixes. It removes the prefix.
func (w *walker) clean() {
	w.prefixes = cleanPrefixes
	inside, changed := map[string]string{}, map[string]Later{}
	for _, prefix := range slices.Backward(cleanPrefixes) {
		for _, list := range [...]map[string]string{w.variables, w.assigned} {
			for outside, value := range list {
				if name, ok := strings.CutPrefix(outside, prefix); ok && !w.removed[outside] {
					inside[name] = value
				}
			}
		}
		for outside, l := range w.changed {
			if name, ok := strings.CutPrefix(outside, prefix); ok {
				l.Name = name
				changed[name] = l
			}
		}
	}
	w.variables, w.assigned, w.removed, w.changed = inside, nil, nil, changed
	w.pythonPath = inside["PYTHONPATH"]
}
