// SPDX-License-Identifier: MIT

// Package shell reads which commands a shell script runs.
//
// It takes the text apart as a POSIX shell or bash does, in the order of the
// text, and runs nothing. A word that depends on a command's output or on a
// variable that the text does not set is empty, as it is if that variable is
// unset. Both branches of an "if" are read, and the body of a loop once.
//
// It reads no file, and does not know what program a command is: the caller has
// the script's text, and looks the programs up.
package shell

// MaxText is the part of a script that is read, in bytes. Scripts are short. One
// that is longer carries an archive behind its "exit". The text of "sh -c" is no
// longer than this either: it is Linux's limit for one argument
// (MAX_ARG_STRLEN, execve(2)).
const MaxText = 128 << 10

// A Script is a shell's text and what the shell knows when it begins with it.
type Script struct {
	Text string
	Name string   // $0, "" if it is not known
	Args []string // $1 and those that follow
	Dir  string   // the working directory, absolute
	Path string   // PATH
}

// A Reading is what the reader has found in a script.
type Reading struct {
	Commands []Command // in the order of the text
	// Complete is false if the reading stopped before the script's end, at MaxText
	// or at another bound. What the script runs after that is not known.
	Complete bool
}

// A Command is a simple command: its words after expansion, and where it runs.
type Command struct {
	Words    []string     // at least one
	Known    bool         // the text determines each word
	Dir      string       // working directory
	Own      []Assignment // the assignments before its words, which only its environment has
	Before   []Assignment // the assignments that the script made before it, in order
	Function string       // the function that it stands in, "" for none
	Here     HereDocument
}

// An Assignment gives a variable a value.
type Assignment struct {
	Name, Value string
	Known       bool // the text determines the value
	Exported    bool // by the script or, as PATH, from the beginning: it is in the environment
}

// A HereDocument is the text that a command has as its standard input.
type HereDocument struct {
	Text string // "" if there is none
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

// Read reads a script. Its time is bounded, and linear in the length of the text
// and of what its expansions give.
func Read(s Script) Reading {
	r := newReader(s)
	r.read()
	return Reading{Commands: r.commands, Complete: r.complete()}
}
