// SPDX-License-Identifier: MIT

package modules

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

const (
	// maxZip bounds what is read of all zip files of one path: their directories, and the
	// texts before they are unpacked. The directory of an archive with 10,000 files has
	// some 1 MiB, and takes 4 ms.
	maxZip = 3 << 20
	// maxHead holds a "#!" line, which may stand before the archive, and the first
	// signature. The kernel reads 256 bytes of such a line.
	maxHead = 512
)

// archive is a zip file in sys.path.
type archive struct {
	name  string
	files map[string]*zip.File
	dirs  map[string][]string // the names in each directory; "" is the top
}

var errTooLarge = errors.New("too much was read of zip files already")

// pieces reads a zip file piece by piece, up to a limit for all.
type pieces struct {
	files Files
	name  string
	left  *int64
}

func (r pieces) ReadAt(b []byte, offset int64) (int, error) {
	if *r.left -= int64(len(b)); *r.left < 0 {
		return 0, errTooLarge
	}
	n, err := r.files.ReadAt(r.name, b, offset)
	if err == nil && n < len(b) {
		err = io.EOF
	}
	return n, err
}

// open returns the zip file of this name, nil if there is none. Python imports from
// any file whose end is that of a zip file (Lib/zipimport.py); here its beginning must
// be as well, since otherwise each script without a suffix would be read at its end.
func (p *Path) open(name string) *archive {
	if a, ok := p.archives[name]; ok {
		return a
	}
	a := p.readArchive(name)
	p.archives[name] = a
	return a
}

func (p *Path) readArchive(name string) *archive {
	if !p.spend() {
		return nil
	}
	head, size, err := p.machine.Files.Read(name, maxHead)
	if err != nil {
		return nil
	}
	if bytes.HasPrefix(head, []byte("#!")) {
		if i := bytes.IndexByte(head, '\n'); i >= 0 {
			head = head[i+1:]
		}
	}
	if !bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return nil
	}
	r, err := zip.NewReader(pieces{p.machine.Files, name, &p.zipLeft}, size)
	if err != nil {
		return nil
	}
	a := &archive{name: name, files: map[string]*zip.File{}, dirs: map[string][]string{"": nil}}
	for _, f := range r.File {
		a.add(f)
	}
	return a
}

// add enters a file with the directories above it: an archive need not list them.
func (a *archive) add(f *zip.File) {
	name := strings.TrimSuffix(f.Name, "/")
	if name == "" || len(name) > maxName || path.Clean("/"+name) != "/"+name {
		return
	}
	if name != f.Name {
		a.mkdir(name)
		return
	}
	if _, ok := a.files[name]; ok {
		return
	}
	a.files[name] = f
	a.enter(name)
}

func (a *archive) mkdir(name string) {
	if _, ok := a.dirs[name]; ok {
		return
	}
	a.dirs[name] = nil
	a.enter(name)
}

func (a *archive) enter(name string) {
	above, base := path.Split(name)
	above = strings.TrimSuffix(above, "/")
	a.mkdir(above)
	a.dirs[above] = append(a.dirs[above], base)
}

// archiveOf returns the opened archive that holds a name, and the name in it.
func (p *Path) archiveOf(name string) (*archive, string) {
	// There are few archives, and a name may have thousands of parts.
	for file, a := range p.archives {
		inner, ok := strings.CutPrefix(name, file)
		if a != nil && ok && (inner == "" || inner[0] == '/') {
			return a, strings.TrimPrefix(inner, "/")
		}
	}
	return nil, ""
}

// entryDir returns the directory of an entry of sys.path: a directory, a zip file, or
// a directory in a zip file.
func (p *Path) entryDir(name string) *directory {
	if d, ok := p.dirs[name]; ok {
		return d
	}
	for file := name; hasArchiveName(name) && file != "/"; file = path.Dir(file) {
		if a, _ := p.archiveOf(file); a != nil {
			break
		}
		if p.isRegular(file) {
			p.open(file)
			break
		}
	}
	return p.dir(name)
}

// hasArchiveName reports whether an entry of sys.path may be, or lie in, a zip file.
// Entries with other names were opened before, as the program that is run.
func hasArchiveName(name string) bool {
	for _, suffix := range [...]string{".zip", ".egg", ".whl", ".pyz", ".pex", ".jar"} {
		if strings.HasSuffix(name, suffix) || strings.Contains(name, suffix+"/") {
			return true
		}
	}
	return false
}

// Read returns the first bytes of a module's text, and the size of the whole.
func (p *Path) Read(m Module, most int64) ([]byte, int64, error) {
	if m.Kind != Source {
		return nil, 0, fmt.Errorf("can't read the module %q: it has no source text", m.Name)
	}
	return p.ReadFile(m.File, most)
}

// ReadFile reads a file, which may lie in a zip file of sys.path.
func (p *Path) ReadFile(name string, most int64) ([]byte, int64, error) {
	a, inner := p.archiveOf(name)
	if a == nil {
		if !p.spend() {
			return nil, 0, fmt.Errorf("can't read %q: %d files were looked at already", name, maxLookups)
		}
		return p.machine.Files.Read(name, most)
	}
	f := a.files[inner]
	if f == nil {
		return nil, 0, fmt.Errorf("can't read %q: the zip file does not have it", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, 0, fmt.Errorf("can't read %q: %w", name, err)
	}
	defer func() { _ = r.Close() }()
	text, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return nil, 0, fmt.Errorf("can't read %q: %w", name, err)
	}
	return text, int64(f.UncompressedSize64), nil
}
