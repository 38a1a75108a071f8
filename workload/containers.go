// SPDX-License-Identifier: MIT

package workload

import "strings"

// container follows exec and run of the container tools. The program's files
// are looked up outside: what users run from a container is mounted into it
// from their home or scratch directory under the same path, and an image cannot be
// read for the price. A file that only the image has is not found, which is a "no".
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
	return rest, true
}

// containerSyntax gives the syntax of a tool's exec and run, and the names of
// its option for the working directory inside.
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

// containerDir follows the option that sets the working directory inside. One
// that is not there outside has something mounted on it, most often the directory
// that the command is given in.
func (w *walker) containerDir(given []option, names []string) {
	dir, ok := lastOption(given, names...)
	if ok && strings.HasPrefix(dir, "/") && w.files.isDir(dir) {
		w.dir = dir
	}
}
