// SPDX-License-Identifier: MIT

package python

// commandLine returns sys.argv.
func (in *interpreter) commandLine() *list {
	if in.argv == nil {
		in.argv = wordList(in.program.Arguments)
	}
	return in.argv
}
