// SPDX-License-Identifier: MIT

// Package shell reads which commands a shell script runs.
//
// It runs the script on paper, as bash would. It parses the text into a small tree and
// walks the tree with values that are known or unknown. If a condition is known, it
// follows one branch, otherwise it follows all branches. It starts no program.
//
// It reads no file, and it does not know which program a command is. The caller passes
// the text of the script and looks the programs up.
package shell

const (
	// Unknown marks a piece of unknown text in a word. An argument of a program cannot
	// have a NUL byte.
	Unknown = "\x00"

	// UnknownWords is a word that means any number of words, including none.
	UnknownWords = "\x00\x00"

	// MaxText is the part of a script that is read, in bytes. Scripts are short. A longer
	// file has an archive after its "exit". It is also Linux's limit for one argument
	// (MAX_ARG_STRLEN, execve(2)), so the text of "sh -c" is not longer either.
	MaxText = 128 << 10
)

// A Script is a shell's text, with the facts that the shell knows when it starts.
type Script struct {
	Text string
	Name string   // $0, "" if it is not known
	Args []string // $1 and the following ones; may have Unknown in them
	Dir  string   // the working directory, absolute

	// Env returns a variable of the environment with which the script starts. If Env is
	// nil, it is not known which variables are set.
	Env func(name string) (value string, ok bool)

	// Source returns the text of a file that the script sources ("source env.sh"). Ok is
	// false if the file is not read. If Source is nil, no file is read.
	Source func(file string) (text string, ok bool)

	// Path returns PATH after a command that may put programs in front of it. Words are
	// the words of "conda activate" (or mamba, micromamba), or of "source" or "." of a
	// file before the file is read. If ok is true, PATH becomes newPath and the file is
	// not read. Path may be nil.
	Path func(words []string, dir, path string) (newPath string, ok bool)
}

// A Reading is the result of reading a script.
type Reading struct {
	// Commands has the commands that the script runs or may run, in order. The commands
	// of a function come at its call. The commands of a sourced file come at the source
	// command.
	Commands []Command
	// Complete is false if the reading stopped before the script's end, at a bound or at
	// a text that the reader does not understand. The commands after this point are not
	// known.
	Complete bool
	Unread   []string // sourced files that were not read
}

// A Command is a simple command: its words after expansion, and where it runs.
type Command struct {
	Words []string // at least one; see Unknown and UnknownWords

	// Text is the source text of the command in one line, without assignments and
	// redirections, at most maxShown bytes. It is for messages.
	Text string

	Line   int          // 1-based, in the script or the sourced file
	Dir    string       // working directory, "" if it is not known
	Own    []Assignment // the assignments before its words: only its environment has them
	Before []Assignment // the last assignment of each variable that the script made before it
	Unset  []string     // variables that the script has unset before it

	Conditional bool // it depends on a condition that is not known
	Repeated    bool // it is in a loop that may run more than once
	Background  bool // the script continues while it runs
	Captured    bool // the script takes its output: $(...), `...`, <(...)
	Trapped     bool // it is in the text of a trap; such commands come after all others
	Pipe        int  // equal for the commands of one pipeline, 0 outside of a pipeline

	Here HereDocument
}

// An Assignment assigns a value to a variable.
type Assignment struct {
	Name, Value string // Value contains Unknown if it is not fully known
	Known       bool
	Exported    bool // the command's environment has it
}

// A HereDocument is the text that a command reads from its standard input. It is the
// lines after <<, or the word after <<<.
type HereDocument struct {
	Text string // "" if there is none; contains Unknown if it is not fully known
	Line int    // number of lines of the script before the text
}

// Variable returns the value that the script assigns to a variable for this command,
// exported or not. It returns false if the script does not set the variable.
func (c *Command) Variable(name string) (string, bool) {
	for _, list := range [...][]Assignment{c.Own, c.Before} {
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].Name == name {
				return list[i].Value, true
			}
		}
	}
	return "", false
}

// Last returns the script's main command: the last one that does any work. It returns
// nil if there is none. It also returns nil if the reading is not complete, because the
// main command may be in the part that was not read.
func (r *Reading) Last() *Command {
	if !r.Complete {
		return nil
	}
	for i := len(r.Commands) - 1; i >= 0; i-- {
		if c := &r.Commands[i]; !c.Captured && !c.Trapped && !Harmless(c.Words) {
			return c
		}
	}
	return nil
}

// Read reads a script. Its time is bounded. It is linear in the length of the text and in
// the length of the results of the expansions.
func Read(s Script) Reading {
	w := newWalker(s)
	w.run()
	return w.reading()
}
