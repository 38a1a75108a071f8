// SPDX-License-Identifier: MIT

package nodeinfo

import "golang.org/x/sys/unix"

// Trace has the files that were read of a machine, by names without a leading slash. They are
// enough to lay out a directory that is read in the same way. Files that were missing are not in
// it. It is not for use by several goroutines.
type Trace struct {
	Files       map[string][]byte   // the bytes that were read of each file
	Links       map[string]string   // the last element of each link's target
	Directories map[string][]string // the names in each directory that was listed
	Seen        []string            // files that exist and were not read
}

// Tracing returns the same machine, with a new Trace of the data that is read from it
// from now on.
func (fs FS) Tracing() (FS, *Trace) {
	fs.trace = &Trace{Files: map[string][]byte{}, Links: map[string]string{}, Directories: map[string][]string{}}
	return fs, fs.trace
}

func (t *Trace) file(name string, text []byte) {
	if t != nil {
		t.Files[name] = append([]byte(nil), text...)
	}
}

func (t *Trace) link(name, base string) {
	if t != nil {
		t.Links[name] = base
	}
}

func (t *Trace) directory(name string, names []string) {
	if t != nil {
		t.Directories[name] = names
	}
}

func (t *Trace) seen(name string, st *unix.Stat_t) {
	if t == nil {
		return
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		if _, listed := t.Directories[name]; !listed {
			t.Directories[name] = nil
		}
		return
	}
	t.Seen = append(t.Seen, name)
}
