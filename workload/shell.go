// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"strings"
)

// maxScript is what is read of a shell script. They are short; one that is
// longer carries an archive behind its "exit".
const maxScript = 128 << 10

// shell follows a shell to the command that its text comes down to: the last
// one that does any work. What a script runs before is its preparation in the
// main, and a program after the Python one that we do not know must not have
// its threads capped because of the other.
func (w *walker) shell(argv []string) []string {
	// -O and +O take a name, as -o and +o do; -c does not: its text is the first
	// operand, so that "bash -lc TEXT" and "bash -c -l TEXT" mean the same.
	s := syntax{short: "oO", long: " rcfile init-file "}
	given, rest := s.parse(argv[1:])
	for len(rest) > 1 && strings.HasPrefix(rest[0], "+") {
		given, rest = append(given, option{"+", rest[0]}), rest[1:]
	}
	if len(rest) == 0 {
		return nil
	}
	for _, o := range given {
		if o.name == "c" {
			zero := ""
			if len(rest) > 1 {
				zero = rest[1]
			}
			return w.shellText(rest[0], zero, rest[min(2, len(rest)):])
		}
		if o.name == "s" {
			return nil
		}
	}
	file := w.join(rest[0])
	text, _, err := w.files.read(file, maxScript)
	if err != nil {
		w.fail(err)
		return nil
	}
	return w.shellText(string(text), file, rest[1:])
}

func (w *walker) shellText(text, zero string, args []string) []string {
	sh := shellReader{text: text, zero: zero, args: args, dir: w.join("."), vars: map[string]string{"PATH": w.path}}
	sh.read()
	last := sh.last()
	if last == nil {
		return nil
	}
	w.dir, w.path = last.dir, last.path
	if last.pythonPath != "" {
		w.pythonPath = last.pythonPath
	}
	if last.here != "" && isPython(path.Base(last.words[0])) && w.steps < maxSteps {
		// A program in a here-document: "python - <<EOF".
		given, rest := syntax{short: "WXQ", stop: "cm"}.parse(last.words[1:])
		if n := len(given); (n == 0 || given[n-1].name != "c" && given[n-1].name != "m") && (len(rest) == 0 || rest[0] == "-") {
			w.program = path.Base(last.words[0])
			w.add(TagPython, commandLine, 0, last.words[0])
			file := zero
			if file == "" {
				file = commandLine
			}
			w.scan([]byte(last.here), source{file: file, lines: last.hereLine})
			return nil
		}
	}
	return last.words
}

// A shellCommand is a simple command with its words expanded, and where it runs.
type shellCommand struct {
	words      []string
	dir, path  string
	pythonPath string
	here       string // the text of its here-document
	hereLine   int    // lines of the script before that text
	function   string // the function that it stands in
}

// last gives the command that the script comes down to.
func (sh *shellReader) last() *shellCommand {
	in := ""
	for range maxSteps {
		found := -1
		for i := len(sh.commands) - 1; i >= 0 && found < 0; i-- {
			c := &sh.commands[i]
			if c.function == in && !isTrivial(c.words) {
				found = i
			}
		}
		if found < 0 {
			return nil
		}
		c := &sh.commands[found]
		name := c.words[0]
		if !sh.defines(name) {
			return c
		}
		in = name
	}
	return nil
}

func (sh *shellReader) defines(name string) bool {
	for i := range sh.commands {
		if sh.commands[i].function == name {
			return true
		}
	}
	return false
}

// isTrivial says whether a command is housekeeping, which may follow the
// program without being it.
func isTrivial(words []string) bool {
	name := path.Base(words[0])
	switch name {
	case "conda", "mamba", "micromamba":
		return index(words, "run") < 0
	case "env":
		return len(words) < 2
	case "find", "trap":
		return true
	}
	switch name {
	case "echo", "printf", "exit", "return", "true", "false", ":", "wait", "sleep", "date", "set", "unset", "export", "declare", "local", "readonly",
		"cd", "pushd", "popd", "pwd", "ls", "cp", "mv", "rm", "mkdir", "rmdir", "ln", "touch", "chmod", "cat", "head", "tail", "tee", "grep", "wc", "du", "df",
		"module", "ml", "spack", "source", ".", "deactivate", "ulimit", "umask", "shift", "read", "test", "[", "[[",
		"hostname", "printenv", "nvidia-smi", "free", "uname", "lscpu", "type", "which", "alias", "unalias", "shopt", "let", "((", "break", "continue",
		"tar", "gzip", "zip", "rsync", "scp", "sed", "awk", "sort", "cut", "tr", "uniq", "less", "column", "jq", "xz", "zstd", "bzip2", "kill", "mail", "seff", "sacct", "squeue", "scontrol", "scancel", "git", "md5sum":
		return true
	}
	return false
}
