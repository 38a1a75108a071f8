// SPDX-License-Identifier: MIT

// Package regular reads regular files, within bounds. A name from an administrator or a
// user may lead to a FIFO, a device or a huge file. The reader must not wait for such a
// file, and its memory must not grow. nodeinfo and workload have separate readers, which
// look names up below a root.
package regular

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

// Open opens a regular file. Anything else is an error that names it. Open never waits for
// the writer of a FIFO.
func Open(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", name)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Read returns the text of a regular file. It is an error if the file has more than most
// bytes.
func Read(name string, most int64) (string, error) {
	text, err := Begin(name, most+1)
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s: longer than %d bytes", name, most)
	}
	if err != nil {
		return "", err
	}
	return string(text), nil
}

// Begin returns the first bytes of a regular file. Most is the largest number of bytes.
func Begin(name string, most int64) ([]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}
