// SPDX-License-Identifier: MIT

package report

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds the bytes of a line that are read. The plugin's lines are shorter.
const maxLine = 64 << 10

// Read adds the lines of a log, which may be compressed by gzip. name is for errors.
func (s *Sums) Read(name string, r io.Reader) error {
	buffered := bufio.NewReaderSize(r, maxLine)
	magic, err := buffered.Peek(2)
	if err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer unpacked.Close()
		buffered = bufio.NewReaderSize(unpacked, maxLine)
	}
	for rest := false; ; {
		text, err := buffered.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		if !rest {
			s.Add(text)
		}
		rest = long
		if err != nil && !long {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}
