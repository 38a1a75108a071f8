// SPDX-License-Identifier: MIT

package policy

import (
	"slices"
	"strings"
)

// Apply returns the list NAME=value with the changes. As setenv(3) has it, of a name that is
// there twice the first entry is replaced, and all are removed; a new one comes last. A
// change with a NUL, which no environment can hold, has the list returned as it was.
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
