// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"slices"
	"strings"

	"slurm-mp-policy/workload/python"
	"slurm-mp-policy/workload/python/modules"
	"slurm-mp-policy/workload/shell"
)

// shell follows a shell to the command that its text comes down to: the last
// one that does any work. What a script runs before is its preparation in the
// main, and a program after the Python one that we do not know must not have
// its threads capped because of the other.
func (w *walker) shell(argv []string) []string {
	// -O and +O take a name, as -o and +o do; -c does not: its text is the first
	// operand, so that "bash -lc TEXT" and "bash -c -l TEXT" mean the same.
	s := syntax{short: "oO", long: []string{"rcfile", "init-file"}}
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
	// One byte more than the reader takes shows it that the script goes on.
	text, _, err := w.files.read(file, shell.MaxText+1)
	if err != nil {
		w.fail(err)
		return nil
	}
	return w.shellText(string(text), file, rest[1:])
}

func (w *walker) shellText(text, zero string, args []string) []string {
	script := shell.Read(shell.Script{Text: text, Name: zero, Args: args, Dir: w.join("."), Path: w.path})
	last := script.Last()
	if last == nil {
		return nil
	}
	w.dir = last.Dir
	if value, ok := last.Variable("PATH"); ok {
		w.path = value
	}
	if value, _ := last.Variable("PYTHONPATH"); value != "" {
		w.pythonPath = value
	}
	last.Words = unknownIn(last.Words)
	if w.hereProgram(last, zero) {
		return nil
	}
	return last.Words
}

// unknownIn marks what the reader of shell scripts has left as it is written. A variable
// behind an option is its value; another one may be any number of words.
func unknownIn(words []string) []string {
	marked := slices.Clone(words)
	for i := 1; i < len(words); i++ {
		at := strings.IndexAny(words[i], "$`")
		switch {
		case at < 0:
		case at == 0 && !strings.HasPrefix(words[i-1], "-") && !strings.ContainsAny(words[i], "/."):
			marked[i] = python.UnknownWords
		default:
			marked[i] = words[i][:at] + python.Unknown
		}
	}
	return marked
}

// hereProgram follows a program in a here-document: "python - <<EOF".
func (w *walker) hereProgram(c *shell.Command, zero string) bool {
	name := path.Base(c.Words[0])
	if c.Here.Text == "" || !isPython(name) || w.steps >= maxSteps {
		return false
	}
	given, rest := syntax{short: "WXQ", stop: "cm"}.parse(c.Words[1:])
	if n := len(given); n > 0 && (given[n-1].name == "c" || given[n-1].name == "m") {
		return false
	}
	if len(rest) > 0 && rest[0] != "-" {
		return false
	}
	w.program = name
	w.add(TagPython, commandLine, 0, c.Words[0])
	file := zero
	if file == "" {
		file = commandLine
	}
	argv := append([]string{"-"}, rest[min(1, len(rest)):]...)
	w.runText(w.searchPath(modules.Start{}), modules.Module{Name: "__main__", File: file}, []byte(c.Here.Text), argv, "")
	w.shift(file, c.Here.Line)
	w.script = ""
	return true
}
