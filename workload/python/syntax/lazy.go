// SPDX-License-Identifier: MIT

package syntax

// lazy is a body that is parsed on demand.
type lazy struct {
	list   []Stmt
	parser *parser // nil if the body has been parsed; then the rest is zero, too

	start, end int32 // of the body in the text
	line       Line
	indent     int32 // of the line with the def
	blocks     uint8 // blocks around the body
	functions  uint8 // functions around the body
	inline     bool  // the body stands on the line with the def
}

func (f *Function) statements() []Stmt {
	if f.body.parser == nil {
		return f.body.list
	}
	l := f.body
	f.body = lazy{}
	p := l.parser
	p.state = state{text: p.whole[:l.end], pos: int(l.start), line: l.line}
	p.blocks, p.functions, p.generator = int(l.blocks), int(l.functions)+1, false
	if l.inline {
		p.next()
		f.body.list = p.inline()
	} else {
		p.startLine()
		f.body.list = p.statements(int(l.indent))
	}
	f.Generator = p.generator
	return f.body.list
}

// body takes the body of a def, whose header has been read up to the colon. The
// line with the def is indented by indent.
func (p *parser) body(f *Function, indent int) {
	if p.functions >= maxLazy {
		outer := p.generator
		p.generator = false
		p.functions++
		f.body.list = p.block(indent)
		p.functions--
		f.Generator, p.generator = p.generator, outer
		return
	}
	l := lazy{parser: p, indent: int32(indent), functions: uint8(p.functions)}
	if p.tok.kind != tokNewline {
		l.inline = true
		l.start, l.line, l.blocks = p.tok.start, p.tok.line, uint8(p.blocks)
		p.skipLine()
		l.end = int32(p.pos)
		p.startLine()
	} else {
		l.start, l.line = int32(min(p.pos+1, len(p.text))), p.line+1
		p.startLine()
		p.skipBlock(indent)
		l.end = p.tok.start
		if p.blocks >= maxBlocks {
			p.file.Cut = true
			return
		}
		l.blocks = uint8(p.blocks + 1)
	}
	f.body = l
}
