// SPDX-License-Identifier: MIT

package shell

import (
	"slices"
	"strings"
)

// harmless has the commands that prepare or tidy up. They may come before or after the
// script's main program.
var harmless = set(
	// commands of the shell itself
	"echo", "printf", "exit", "return", "true", "false", ":", "wait", "set", "unset", "export", "declare", "typeset", "local", "readonly", "trap",
	"cd", "pushd", "popd", "pwd", "source", ".", "ulimit", "umask", "shift", "read", "test", "[", "[[", "type", "alias", "unalias",
	"let", "((", "break", "continue", "kill", "getopts", "mapfile", "readarray", "hash", "jobs", "disown", "dirs",
	// files
	"ls", "cp", "mv", "rm", "mkdir", "rmdir", "ln", "touch", "chmod", "chown", "du", "df", "tar", "gzip", "zip", "xz", "zstd", "bzip2",
	"rsync", "scp", "git", "md5sum", "sha256sum", "mktemp", "file", "stat", "sync", "curl", "wget", "unzip", "gunzip", "zcat", "bzcat",
	"readlink", "realpath", "tree",
	// texts
	"cat", "head", "tail", "tee", "grep", "wc", "sed", "sort", "cut", "tr", "uniq", "less", "column", "jq", "mail", "basename", "dirname",
	"expr", "bc", "xxd", "od", "nl", "comm", "envsubst", "seq", "dos2unix", "cmp", "diff", "paste", "egrep", "fgrep", "tac", "rev", "clear", "tput",
	// environments
	"module", "ml", "deactivate", "pip", "pip3", "dircolors", "flight", "huggingface-cli", "hf",
	// the machine and the job
	"sleep", "date", "hostname", "printenv", "nvidia-smi", "rocm-smi", "free", "uname", "lscpu", "which", "nproc", "id", "whoami", "ldd", "getconf",
	"arch", "uptime", "ps", "pgrep", "pkill", "killall", "lspci", "lsof", "lstopo", "numastat", "groups", "whereis", "locale", "tty", "logger", "nvcc",
	"seff", "sacct", "sacctmgr", "squeue", "scontrol", "scancel", "sbcast", "sgather", "sstat", "sinfo", "sprio", "sattach",
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}

// Harmless reports whether a command prepares or tidies up, so that it may stand beside
// the script's main program. A command whose words are not known is not harmless.
func Harmless(words []string) bool {
	switch name := words[0][strings.LastIndexByte(words[0], '/')+1:]; name {
	case "conda", "mamba", "micromamba":
		return !slices.Contains(words, "run")
	case "env":
		return len(words) < 2
	case "wandb":
		return len(words) > 1 && !slices.Contains([]string{"agent", "launch", "launch-agent"}, words[1])
	case "find":
		return findsHarmless(words)
	case "awk", "gawk":
		return !slices.ContainsFunc(words, func(word string) bool { return strings.Contains(word, "system(") })
	case "pyenv", "direnv":
		return !slices.Contains(words, "exec")
	case "ssh-agent":
		return !slices.ContainsFunc(words[1:], func(word string) bool { return !strings.HasPrefix(word, "-") })
	case "shopt":
		return !slices.Contains(words, "expand_aliases") // with it, a name may mean another program
	case "command":
		return len(words) < 2 || words[1] == "-v" || words[1] == "-V" || words[1][:min(1, len(words[1]))] != "-" && Harmless(words[1:])
	case "spack":
		return len(words) > 1 && slices.Contains([]string{"load", "unload", "env", "find", "location", "arch", "debug", "config", "--version"}, words[1])
	default:
		return harmless[name]
	}
}

// findsHarmless reports whether find starts harmless commands only.
func findsHarmless(words []string) bool {
	for i, word := range words {
		switch word {
		case "-exec", "-execdir", "-ok", "-okdir":
			if i+1 == len(words) || !Harmless(words[i+1:]) {
				return false
			}
		}
	}
	return true
}
