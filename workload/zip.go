// SPDX-License-Identifier: MIT

package workload

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/sys/unix"
)

// isZip says whether a program text is a zip file with a __main__.py
// (zipapp, shiv, pex). Such a file may begin with a "#!" line, so that the
// archive's first entry, not the file's first byte, tells.
func isZip(text []byte, size int64) bool {
	if size < 22 {
		return false
	}
	if bytes.HasPrefix(text, []byte("#!")) {
		if i := bytes.IndexByte(text[:min(len(text), maxHead)], '\n'); i >= 0 {
			text = text[i+1:]
		}
	}
	return bytes.HasPrefix(text, []byte("PK\x03\x04"))
}

// A zipReader reads pieces of the file as the archive's directory asks for
// them.
type zipReader struct {
	files files
	name  string
}

func (z zipReader) ReadAt(p []byte, off int64) (int, error) {
	fd, _, err := z.files.open(z.name)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Close(fd) }()
	b, err := readAt(fd, off, int64(len(p)))
	n := copy(p, b)
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

// maxArchive bounds a zip file, whose directory is read whole.
const maxArchive = 256 << 20

// zipMain gives the text that an archive's __main__.py is, its name in the
// archive, and the function that is called of it. zipapp writes a __main__.py
// that calls one function of one module: then the module is the program.
func zipMain(r io.ReaderAt, size int64) (text []byte, name, entry string, err error) {
	if size > maxArchive {
		return nil, "", "", fmt.Errorf("can't read a zip file of %d bytes", size)
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, "", "", fmt.Errorf("can't read the zip file: %w", err)
	}
	name = "__main__.py"
	text, err = zipFile(archive, name)
	if err != nil || text == nil {
		return nil, name, "", err
	}
	module, function, ok := zipappMain(text)
	if !ok {
		return text, name, "", nil
	}
	tail := strings.ReplaceAll(module, ".", "/")
	for _, file := range [...]string{tail + ".py", tail + "/__init__.py"} {
		if inner, err := zipFile(archive, file); err == nil && inner != nil {
			return inner, file, function, nil
		}
	}
	return text, name, "", nil
}

// zipFile gives the text of a file of the archive, nil if there is none.
func zipFile(archive *zip.Reader, name string) ([]byte, error) {
	for _, f := range archive.File {
		if f.Name != name {
			continue
		}
		file, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("can't read the zip file's %s: %w", name, err)
		}
		defer func() { _ = file.Close() }()
		text, err := io.ReadAll(io.LimitReader(file, maxText))
		if err != nil {
			return nil, fmt.Errorf("can't read the zip file's %s: %w", name, err)
		}
		return text, nil
	}
	return nil, nil
}

// zipappMain recognises the __main__.py that "python -m zipapp -m MODULE:FUNCTION"
// writes: an import, and a call.
func zipappMain(text []byte) (module, function string, ok bool) {
	if len(text) > maxEntryPoint {
		return "", "", false
	}
	p := parse(text)
	if len(p.lines) != 2 {
		return "", "", false
	}
	imported, called := p.words(p.lines[0]), strings.Join(p.words(p.lines[1]), "")
	if len(imported) < 2 || imported[0] != "import" {
		return "", "", false
	}
	module = strings.Join(imported[1:], "")
	called, ok = strings.CutPrefix(called, module+".")
	if !ok || !isDotted(module) {
		return "", "", false
	}
	function, ok = strings.CutSuffix(called, "()")
	return module, function, ok
}
