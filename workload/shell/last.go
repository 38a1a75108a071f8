// SPDX-License-Identifier: MIT

package shell

import (
	"path"
	"slices"
)

// Last returns the command that the script comes down to: the last one that does
// any work, in the function that it calls if it calls one. It is nil if there is
// none, or if the reading is not complete: the command that counts may be in the
// part that was not read.
func (r *Reading) Last() *Command {
	if !r.Complete {
		return nil
	}
	function := ""
	for range maxDepth {
		c := r.lastIn(function)
		if c == nil || !r.defines(c.Words[0]) {
			return c
		}
		function = c.Words[0]
	}
	return nil
}

func (r *Reading) lastIn(function string) *Command {
	for i := len(r.Commands) - 1; i >= 0; i-- {
		if c := &r.Commands[i]; c.Function == function && !isHousekeeping(c.Words) {
			return c
		}
	}
	return nil
}

func (r *Reading) defines(function string) bool {
	for i := range r.Commands {
		if r.Commands[i].Function == function {
			return true
		}
	}
	return false
}

// isHousekeeping returns whether a command prepares or tidies up: it may follow
// the program that the script is for.
func isHousekeeping(words []string) bool {
	name := path.Base(words[0])
	switch name {
	case "conda", "mamba", "micromamba":
		return !slices.Contains(words, "run")
	case "env":
		return len(words) < 2
	}
	switch name {
	case
		// the shell's own
		"echo", "printf", "exit", "return", "true", "false", ":", "wait", "set", "unset", "export", "declare", "local", "readonly", "trap",
		"cd", "pushd", "popd", "pwd", "source", ".", "ulimit", "umask", "shift", "read", "test", "[", "[[", "type", "alias", "unalias",
		"shopt", "let", "((", "break", "continue", "kill",
		// files
		"ls", "find", "cp", "mv", "rm", "mkdir", "rmdir", "ln", "touch", "chmod", "du", "df", "tar", "gzip", "zip", "xz", "zstd", "bzip2",
		"rsync", "scp", "git", "md5sum",
		// texts
		"cat", "head", "tail", "tee", "grep", "wc", "sed", "awk", "sort", "cut", "tr", "uniq", "less", "column", "jq", "mail",
		// environments
		"module", "ml", "spack", "deactivate",
		// the machine and the job
		"sleep", "date", "hostname", "printenv", "nvidia-smi", "free", "uname", "lscpu", "which",
		"seff", "sacct", "squeue", "scontrol", "scancel":
		return true
	}
	return false
}
