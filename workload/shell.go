// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"slices"
	"strings"

	"slurm-mp-policy/workload/python/modules"
	"slurm-mp-policy/workload/shell"
)

// shell follows a shell to the last command of its text that does any work. Commands before it
// mostly prepare. If an unknown program follows the Python program, its threads must not be capped
// because of the other one.
func (w *walker) shell(argv []string) []string {
	// -O and +O take a name, as -o and +o do. -c does not: its text is the first operand, so
	// "bash -lc TEXT" and "bash -c -l TEXT" are the same.
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
	// One byte more than the reader takes shows that the script is longer.
	text, _, err := w.files.read(file, shell.MaxText+1)
	if err != nil {
		w.fail(err)
		return nil
	}
	return w.shellText(string(text), file, rest[1:])
}

func (w *walker) shellText(text, zero string, args []string) []string {
	if w.mix != nil && !w.mix.takesScript(text) {
		w.isRead = true
		return nil
	}
	script := w.readScript(text, zero, args)
	if w.mix != nil {
		w.batch(&script, zero)
		return nil
	}
	last := script.Last()
	if last == nil {
		return nil
	}
	w.enter(last, zero)
	w.loads(before(script.Commands, last), zero)
	if w.hereProgram(last, zero) {
		return nil
	}
	words := last.Words
	for len(words) > 1 && words[0] == shell.UnknownWords {
		words = words[1:] // a launcher in a variable, or an empty variable
	}
	return words
}

// readScript runs a script on paper.
func (w *walker) readScript(text, zero string, args []string) shell.Reading {
	s := &sources{w: w}
	return shell.Read(shell.Script{
		Text: text, Name: zero, Args: args, Dir: w.join("."), Env: w.shellVariable, Source: s.read, Path: s.path,
	})
}

// shellVariable returns a variable as a script finds it. Slurm sets some variables only
// after the launch has begun.
func (w *walker) shellVariable(name string) (string, bool) {
	value, ok := w.variable(name)
	if !ok && strings.HasPrefix(name, "SLURM") {
		return shell.Unknown, true
	}
	return value, ok
}

// before returns the commands before the command c.
func before(commands []shell.Command, c *shell.Command) []shell.Command {
	for i := range commands {
		if &commands[i] == c {
			return commands[:i]
		}
	}
	return commands
}

// loads notes that a script loads modules before the program. Modules may set any
// variable.
func (w *walker) loads(before []shell.Command, zero string) {
	for i := range before {
		if loadsModules(before[i].Words) {
			w.note(scriptName(zero) + " loads modules before the program: they may change what is listed here")
			w.modules = true
			return
		}
	}
}

func scriptName(zero string) string {
	if zero == "" {
		return "the shell"
	}
	return path.Base(zero)
}

// loadsModules reports whether a command loads modules: Environment Modules, Lmod, Spack.
func loadsModules(words []string) bool {
	switch words[0] {
	case "module", "ml", "spack":
		return len(words) > 1 && !slices.Contains([]string{"list", "avail", "purge", "spider", "find", "use"}, words[1])
	}
	return false
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
	w.program, w.words = name, c.Words
	w.add(TagPython, commandLine, 0, c.Words[0])
	w.argv0 = c.Words[0]
	w.version, w.direct = w.interpreterOf(c.Words[0])
	file := zero
	if file == "" {
		file = commandLine
	}
	// An expansion whose value is not known becomes a name that is not known.
	text := strings.ReplaceAll(c.Here.Text, shell.Unknown, "_unknown")
	argv := append([]string{"-"}, rest[min(1, len(rest)):]...)
	w.runText(w.searchPath(modules.Start{}), modules.Module{Name: "__main__", File: file}, []byte(text), argv, "")
	w.shift(file, c.Here.Line)
	w.script = ""
	return true
}
