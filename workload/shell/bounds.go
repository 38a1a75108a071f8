// SPDX-License-Identifier: MIT

package shell

const (
	// maxWork bounds the steps of one reading. A step is one byte that the reader
	// passes, looks through again, or that an expansion adds. Two parts make it up:
	// what the text itself costs (TestTextWork), and for expansions 2 MiB, more than
	// which the kernel does not take as the arguments of one command at the
	// ordinary limit of the stack (execve(2), "Limits on size of arguments and
	// environment").
	maxWork = textWork*MaxText + 2<<20

	// textWork is what a byte of the text costs at most: it is passed once, then
	// looked through twice as part of a word, and twice more inside $(...).
	textWork = 5

	// maxCommands bounds the commands that are kept, and with them the memory. A
	// script of MaxText bytes has 4096 commands if each line has 32 bytes.
	maxCommands = 4096

	// maxDepth bounds the functions inside each other, and those that call each
	// other. People write two or three.
	maxDepth = 16
)

// spend counts steps before they are taken. It is false if they are more than
// the reading may take: the caller then leaves them out, and the reading stops.
func (r *reader) spend(steps int) bool {
	if r.work <= maxWork {
		r.work += steps
	}
	return r.work <= maxWork
}

// stopped returns whether a bound ends the reading.
func (r *reader) stopped() bool {
	return r.work > maxWork || len(r.commands) >= maxCommands
}

// complete returns whether the reading has come to the end of the script.
func (r *reader) complete() bool {
	return !r.stopped() && (r.ended || !r.cut)
}
