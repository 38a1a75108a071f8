// SPDX-License-Identifier: MIT

package shell

const (
	// maxWork bounds the steps of one reading. A step is one byte that the parser passes,
	// one node of the tree that is walked, or one byte that an expansion adds. The bound
	// has two parts: the cost of the text itself (TestTextWork), and 2 MiB for
	// expansions. At the ordinary limit of the stack, the kernel takes at most 2 MiB as
	// the arguments of one command (execve(2), "Limits on size of arguments and
	// environment").
	maxWork = textWork*MaxText + 2<<20

	// textWork is the highest cost of one byte of the text. The byte is parsed once and
	// walked once. It is added to the words of a command, and to the command's text.
	textWork = 8

	// maxCommands bounds the commands that are kept, and with them the memory. A
	// script of MaxText bytes has 4096 commands if each line has 32 bytes.
	maxCommands = 4096

	// maxKept bounds the entries in all the lists of variables (Command.Before): 64
	// bytes each. A script of 500 commands may have 250 variables for each.
	maxKept = 128 << 10

	// maxDepth bounds functions that call each other, sourced files inside each other,
	// and texts of eval inside each other. Real scripts have two or three.
	maxDepth = 16

	// maxNest bounds the nesting of one text, and so the stack of the parser and of the
	// walker.
	maxNest = 100

	// maxShown bounds the part of a command's text that is kept for messages, in bytes.
	maxShown = 200
)

// bounds counts the cost of a reading. All parsers of the reading share it, and share the
// memory for parts.
type bounds struct {
	work  int
	kept  int
	cut   bool // a text is longer than the part that is read, or was not understood
	depth int  // see maxDepth

	half []part // of the words that are being parsed
	slab []part // see parser.pop
}

// spend counts steps before they are taken. It returns false if the reading may not take
// so many steps. Then the caller skips the steps, and the reading stops.
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
