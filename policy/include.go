// SPDX-License-Identifier: MIT

package policy

import (
	"errors"
	"path"
	"slices"
	"strings"
)

// File is a policy file that was read.
type File struct {
	Name string // absolute path, for messages and sources
	Text string
}

// Load reads the files that an include line names, in the order of their names. pattern is an
// absolute path whose last part may be a glob(7). A name without a file is an error; a glob
// without a file is not. Files that could be read are returned together with an error.
type Load func(pattern string) ([]File, error)

const (
	// maxFiles bounds the files of one policy.
	maxFiles = 64
	// maxDepth bounds how deep files include one another.
	maxDepth = 8
)

// book is a policy file with all files that it includes.
type book struct {
	load   Load
	rules  Rules
	errors []error
	open   []string // the files that are being read, each included by the one before
	files  int
	space  []string            // the words of a line; the next line uses the same memory
	sets   map[string][]string // the patterns of each "values" line, by the name of the set
}

func (b *book) read(f File) {
	b.open = append(b.open, f.Name)
	b.files++
	p := parser{book: b, file: f.Name, names: map[string]bool{}}
	if !p.isForeign(f.Text) {
		p.lines(f.Text)
	}
	b.open = b.open[:len(b.open)-1]
}

func (p *parser) lines(text string) {
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		p.line++
		p.parseLine(strings.TrimSuffix(line, "\r"))
	}
}

// include reads the files of a line "include PATH" in its place. A relative path starts from
// the directory of the file that has the line.
func (p *parser) include(line string, words []string) {
	if len(words) != 1 || words[0] == "" {
		p.fail(line, "include takes the path of one file, which may have * in its last part")
		return
	}
	if p.load == nil {
		p.fail(line, "nothing can be included here")
		return
	}
	if len(p.open) >= maxDepth {
		p.fail(line, "more than %d files deep", maxDepth)
		return
	}
	name := words[0]
	if !path.IsAbs(name) {
		name = path.Join(path.Dir(p.file), name)
	}
	files, err := p.load(name)
	if err != nil {
		for _, err := range unjoin(err) {
			p.fail(line, "%v", err)
		}
	}
	for _, f := range files {
		switch {
		case slices.Contains(p.open, f.Name):
			p.fail(line, "%s includes itself", f.Name)
		case p.files >= maxFiles:
			p.fail(line, "more than %d files", maxFiles)
			return
		default:
			p.read(f)
		}
	}
}

// unjoin returns the errors of a joined error.
func unjoin(err error) []error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return joined.Unwrap()
	}
	return []error{err}
}
