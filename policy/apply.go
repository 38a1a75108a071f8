// SPDX-License-Identifier: MIT

package policy

import (
	"slices"
	"strings"
)

// Apply returns the list of NAME=value with the changes. If a name is there twice, a new
// value replaces its first entry, as with setenv(3), and a removal removes all entries. A
// new name comes last. If a change has a NUL byte, Apply returns the list unchanged.
func Apply(env []string, changes []Change) []string {
	list := slices.Clone(env)
	for _, c := range changes {
		if strings.IndexByte(c.Name+c.Value, 0) >= 0 {
			return slices.Clone(env)
		}
		named := func(entry string) bool {
			name, _, ok := strings.Cut(entry, "=")
			return ok && name == c.Name
		}
		at := slices.IndexFunc(list, named)
		switch {
		case c.Unset:
			list = slices.DeleteFunc(list, named)
		case at < 0:
			list = append(list, c.Name+"="+c.Value)
		case c.Replace:
			list[at] = c.Name + "=" + c.Value
		}
	}
	return list
}
