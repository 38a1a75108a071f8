// SPDX-License-Identifier: MIT

package doctor

import (
	"io/fs"
	"syscall"
)

// ownerOf returns the file's user, -1 if that is not known.
func ownerOf(info fs.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return -1
}
