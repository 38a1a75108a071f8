// SPDX-License-Identifier: MIT

package policy

import (
	"errors"
	"slices"
	"strings"
)

// dataDir is the value of {datadir}. It is the directory of the package's files that are
// not programs. The Makefile sets it for another DATADIR.
var dataDir = "/usr/share/slurm-mp-policy"

const dataDirName = "datadir"

// withDataDir replaces {datadir}. Its value is known when a policy is read.
func withDataDir(value string) string {
	return strings.ReplaceAll(value, "{"+dataDirName+"}", dataDir)
}

// checkPath checks the path of an append. An empty or relative element would depend on
// the directory in which a program starts.
func checkPath(path string) error {
	if !strings.HasPrefix(path, "/") || strings.Contains(path, ":") {
		return errors.New("append takes a name and one absolute path without \":\"; for several paths write a line for each")
	}
	return nil
}

// appendTo returns the list with one more path, or the list itself if it has the path.
// For an empty list it returns only the path, because an empty element of PYTHONPATH or
// PATH is the current directory.
func appendTo(list, path string) string {
	switch {
	case list == "":
		return path
	case slices.Contains(strings.Split(list, ":"), path):
		return list
	}
	return list + ":" + path
}

// withPath completes the setting s of an append. Earlier is the setting of the variable
// from earlier actions. Own is the user's value, if has is true.
func (s Setting) withPath(path string, earlier Setting, own string, has bool) Setting {
	list, onlyAdds := earlier.Value, false
	switch earlier.Action {
	case Append:
		list, onlyAdds = appendTo(own, earlier.Value), true
	case Set, Unset:
	default:
		list, onlyAdds = own, true
	}
	whole := appendTo(list, path)
	switch {
	case has && whole == own:
		s.Action, s.Value = Keep, own
	case whole == list:
		return earlier // the list has the path
	case onlyAdds:
		s.Action, s.Value = Append, appendTo(earlier.Value, path)
		if earlier.Action == Keep {
			s.Value = path
		}
	default:
		s.Action, s.Value, s.Was = Set, whole, own
	}
	return s
}
