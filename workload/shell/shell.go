// SPDX-License-Identifier: MIT

// Package shell reads which commands a shell script runs.
//
// It runs the script on paper, as bash would: it parses the text into a small
// tree and walks it with values that are known or not. If a condition is known, it
// follows one branch, otherwise it follows all of them. It starts no program.
//
// It reads no file, and does not know what program a command is: the caller has
// the script's text, and looks the programs up.
package shell

const (
	// Unknown stands in a word for a piece of text that is not known. No argument
	// of a program can have a NUL byte.
	Unknown = "\x00"

	// UnknownWords is a word that stands for any number of words, none included.
	UnknownWords = "\x00\x00"

	// MaxText is the part of a script that is read, in bytes. Scripts are short. A
	// longer one carries an archive behind its "exit". It is also Linux's limit for one
	// argument (MAX_ARG_STRLEN, execve(2)), so the text of "sh -c" is not longer either.
	MaxText = 128 << 10
)

// A Script is a shell's text and what the shell knows when it begins with it.
type Script struct {
	Text string
	Name string   // $0, "" if it is not known
	Args []string // $1 and those that follow; may have Unknown in them
	Dir  string   // the working directory, absolute

	// Env returns a variable of the environment with which the script starts. If it
	// is nil, no variable is known, and whether one is set is not known either.
	Env func(name string) (value string, ok bool)

	// Source returns the text of a file that the script reads as its own ("source
	// env.sh"); ok is false if it is not read. If it is nil, none is read.
	Source func(file string) (text string, ok bool)

	// Path returns PATH after a command that may put programs in front of it: the
	// words of "conda activate" (or mamba, micromamba), and of "source" or "." of a
	// file, before that is read. If ok, PATH becomes newPath and the file is not
	// read. It may be nil.
	Path func(words []string, dir, path string) (newPath string, ok bool)
}

// A Reading is what the reader has found in a script.
type Reading struct {
	// Commands are those that the script runs or may run, in order. Those of a
	// function stand where it is called, those of a sourced file where it is sourced.
	Commands []Command
	// Complete is false if the reading stopped before the script's end, at a bound
	// or at a text that the reader does not understand. What the script runs after
	// that is not known.
	Complete bool
	Unread   []string // sourced files that were not read
}

// A Command is a simple command: its words after expansion, and where it runs.
type Command struct {
	Words []string // at least one; see Unknown and UnknownWords

	// Text is its source text in one line, without assignments and redirections, at
	// most maxShown bytes. It is for messages.
	Text string

	Line   int          // 1-based, in the script or the sourced file
	Dir    string       // working directory, "" if it is not known
	Own    []Assignment // the assignments before its words: only its environment has them
	Before []Assignment // the last assignment of each variable that the script made before it
	Unset  []string     // variables that the script has unset before it

	Conditional bool // it depends on a condition that is not known
	Repeated    bool // in a loop that may run more than once
	Background  bool // the script goes on while it runs
	Captured    bool // the script takes its output: $(...), `...`, <(...)
	Trapped     bool // in the text of a trap; it stands behind all others
	Pipe        int  // the same for the commands of one pipeline, 0 outside of one

	Here HereDocument
}

// An Assignment gives a variable a value.
type Assignment struct {
	Name, Value string // Value has Unknown in it if it is not known
	Known       bool
	Exported    bool // the command's environment has it
}

// A HereDocument is the text that a command has as its standard input: the lines
// after <<, or the word after <<<.
type HereDocument struct {
	Text string // "" if there is none; has Unknown in it if it is not known
	Line int    // lines of the script before the text
}

// Variable returns the value that the script gives a variable for this command,
// exported or not. It is false if the script does not set it.
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

// Read reads a script. Its time is bounded, and linear in the length of the text
// and of what its expansions give.
func Read(s Script) Reading {
	w := newWalker(s)
	w.run()
	return w.reading()
}
