// SPDX-License-Identifier: MIT

package python

// commandLine returns sys.argv.
func (in *interpreter) commandLine() *list {
	if in.argv == nil {
		in.argv = &list{}
		for _, a := range in.program.Arguments {
			if isUnclear(a) && len(in.argv.items) > 0 {
				in.argv.items = append(in.argv.items, setting)
				continue
			}
			in.argv.items = append(in.argv.items, a)
		}
	}
	return in.argv
}
