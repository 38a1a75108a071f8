// SPDX-License-Identifier: MIT

package syntax

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

const (
	// maxText is the longest text that is read, in bytes. The longest module of
	// CPython's own library is a table of 0.8 MiB, pydoc_data/topics.py, and the
	// longest one with code has 0.3 MiB; longer ones are generated.
	maxText = 1 << 20
	// maxBlocks is the depth of nested blocks: CPython refuses more than 100 levels
	// of indentation (MAXINDENT in Parser/lexer/state.h).
	maxBlocks = 100
	// maxNesting is the depth of nested expressions. CPython refuses more than 200
	// brackets (MAXLEVEL in Parser/lexer/state.h); programs use a dozen.
	maxNesting = 100
	// maxChain is the number of operators or trailers in one row, each of which makes
	// the tree deeper by one. The compiler of CPython 3.11 refuses 3000 of them.
	maxChain = 1000
	// maxLazy is the number of functions around one whose body is still skipped.
	// A deeper one is parsed with the function around it: otherwise the innermost
	// of many nested functions would be skipped once for each function around it.
	maxLazy = 4
)

// parser parses one text. It stays with the functions of the text, whose bodies it
// parses one at a time, so that neither they nor the file may be used concurrently.
type parser struct {
	state
	file  *File
	whole string // the text; state.text may end earlier
	steps int    // tokens, and bytes of strings and of skipped lines: what a parse costs

	blocks    int  // blocks around the statement
	functions int  // functions around the statement
	nesting   int  // expressions around the token
	generator bool // a yield was met in the function
	pattern   bool // the expression is the pattern of a case
	other     bool // the pattern has a form that is not kept

	// Lists grow here and are copied when they are complete.
	stmts  []Stmt
	exprs  []Expr
	args   []Argument
	params []Parameter

	nodes nodes
}

// Parse reads a text. It never fails; see [Bad] and [File.Cut].
func Parse(path string, text []byte) *File {
	return newParser(path, text).module()
}

func newParser(path string, text []byte) *parser {
	p := &parser{file: &File{Path: path}}
	p.whole = p.decode(text)
	return p
}

func (p *parser) module() *File {
	p.state = state{text: p.whole, line: 1}
	p.startLine()
	p.file.Body = p.statements(-1)
	return p.file
}

// decode returns the text as UTF-8 with "\n" as the only end of a line, up to the
// first NUL byte, which CPython does not read beyond either.
func (p *parser) decode(text []byte) string {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if len(text) > maxText {
		text = text[:maxText]
		text = text[:bytes.LastIndexByte(text, '\n')+1]
		p.file.Cut = true
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		text = text[:i]
	}
	s := string(text)
	if !utf8.ValidString(s) {
		s = fromLatin1(s)
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	return s
}

// fromLatin1 takes each byte for a character. A text that is not UTF-8 names its
// encoding in a comment; most are a superset of ASCII, and only ASCII matters here.
func fromLatin1(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

// fail ends the parsing of a logical line: no further token is read.
func (p *parser) fail() {
	p.failed = true
	p.tok.kind = tokBad
}

// enter counts a nested expression, and fails if there are too many.
func (p *parser) enter() bool {
	if p.nesting >= maxNesting {
		p.file.Cut = true
		p.fail()
		return false
	}
	p.nesting++
	return true
}

// long fails if a row of n operators is too long.
func (p *parser) long(n int) bool {
	if n < maxChain {
		return false
	}
	p.file.Cut = true
	p.fail()
	return true
}

// expect reads over a token of the kind.
func (p *parser) expect(k kind) {
	if p.tok.kind != k {
		p.fail()
		return
	}
	p.next()
}

// accept reads over a token if it is of the kind.
func (p *parser) accept(k kind) bool {
	if p.tok.kind != k {
		return false
	}
	p.next()
	return true
}

// identifier reads over a name and returns it.
func (p *parser) identifier() string {
	name := p.source(p.tok)
	p.expect(tokName)
	return name
}

// isName reports whether the token is this name, which is not a keyword everywhere.
func (p *parser) isName(name string) bool {
	return p.tok.kind == tokName && p.source(p.tok) == name
}

// source returns the token's text.
func (p *parser) source(t token) string { return p.text[t.start:t.end] }
