// SPDX-License-Identifier: MIT

package shell

const (
	// maxWork bounds the steps of one reading. A step is one byte that the parser
	// passes, one node of the tree that is walked, or one byte that an expansion
	// adds. It has two parts: the cost of the text itself (TestTextWork), and 2 MiB
	// for expansions. At the ordinary limit of the stack, the kernel takes at most 2 MiB
	// as the arguments of one command (execve(2), "Limits on size of arguments and
	// environment").
	maxWork = textWork*MaxText + 2<<20

	// textWork is the highest cost of one byte of the text. The byte is parsed once and
	// walked once. It adds to the words of a command, and to the text that is kept of it.
	textWork = 8

	// maxCommands bounds the commands that are kept, and with them the memory. A
	// script of MaxText bytes has 4096 commands if each line has 32 bytes.
	maxCommands = 4096

	// maxKept bounds the entries in all the lists of variables (Command.Before): 64
	// bytes each. A script of 500 commands may have 250 variables for each.
	maxKept = 128 << 10

	// maxDepth bounds functions that call each other, sourced files and texts of
	// eval inside each other. People write two or three.
	maxDepth = 16

	// maxNest bounds how deep one text is nested, and so the stack of the parser and
	// of the walker.
	maxNest = 100

	// maxShown is the part of a command's text that is kept for messages.
	maxShown = 200
)

// bounds count the cost of a reading. All parsers of the reading share them, and share
// the memory for parts.
type bounds struct {
	work  int
	kept  int
	cut   bool // a text is longer than the part that is read, or was not understood
	depth int  // see maxDepth

	half []part // of the words that are being parsed
	slab []part // see parser.pop
}

// spend counts steps before they are taken. It is false if they are more than
// the reading may take: the caller then leaves them out, and the reading stops.
func (b *bounds) spend(steps int) bool {
	if b.work <= maxWork {
		b.work += steps
	}
	return b.work <= maxWork
}

// stopped reports whether the reading has ended before the end of the script.
func (b *bounds) stopped() bool {
	return b.cut || b.work > maxWork || b.kept > maxKept
}
