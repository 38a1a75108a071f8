// SPDX-License-Identifier: MIT

package syntax

// kind is the kind of a token.
type kind uint8

const (
	tokBad     kind = iota // also the token after a failure
	tokEOF                 // after the last logical line
	tokNewline             // the end of a logical line
	tokName
	tokNumber
	tokString

	opLeftParen
	opRightParen
	opLeftBracket
	opRightBracket
	opLeftBrace
	opRightBrace
	opComma
	opColon
	opSemicolon
	opDot
	opEllipsis
	opAt
	opAssign
	opAugAssign // any of += -= ...
	opWalrus
	opArrow
	opStar
	opStarStar
	opSlash
	opSlashSlash
	opPercent
	opPlus
	opMinus
	opTilde
	opAmpersand
	opBar
	opCaret
	opShift // << and >>
	opCompare
	opBang
	opBacktick

	kwAnd
	kwAs
	kwAssert
	kwBreak
	kwClass
	kwContinue
	kwDef
	kwDel
	kwElif
	kwElse
	kwExcept
	kwFalse
	kwFinally
	kwFor
	kwFrom
	kwGlobal
	kwIf
	kwImport
	kwIn
	kwIs
	kwLambda
	kwNone
	kwNot
	kwOr
	kwPass
	kwRaise
	kwReturn
	kwTrue
	kwTry
	kwWhile
	kwWith
	kwYield

	kinds
)

// keyword returns the kind of a word. Words that only some versions reserve, or
// only in some places, are names: async, await, case, exec, match, nonlocal, print,
// type.
func keyword(word string) kind {
	switch word {
	case "and":
		return kwAnd
	case "as":
		return kwAs
	case "assert":
		return kwAssert
	case "break":
		return kwBreak
	case "class":
		return kwClass
	case "continue":
		return kwContinue
	case "def":
		return kwDef
	case "del":
		return kwDel
	case "elif":
		return kwElif
	case "else":
		return kwElse
	case "except":
		return kwExcept
	case "False":
		return kwFalse
	case "finally":
		return kwFinally
	case "for":
		return kwFor
	case "from":
		return kwFrom
	case "global":
		return kwGlobal
	case "if":
		return kwIf
	case "import":
		return kwImport
	case "in":
		return kwIn
	case "is":
		return kwIs
	case "lambda":
		return kwLambda
	case "None":
		return kwNone
	case "not":
		return kwNot
	case "or":
		return kwOr
	case "pass":
		return kwPass
	case "raise":
		return kwRaise
	case "return":
		return kwReturn
	case "True":
		return kwTrue
	case "try":
		return kwTry
	case "while":
		return kwWhile
	case "with":
		return kwWith
	case "yield":
		return kwYield
	}
	return tokName
}

// onlyStatement has the keywords that no expression contains.
var onlyStatement = [kinds]bool{
	kwAssert: true, kwBreak: true, kwClass: true, kwContinue: true, kwDef: true,
	kwDel: true, kwElif: true, kwExcept: true, kwFinally: true, kwGlobal: true,
	kwImport: true, kwPass: true, kwRaise: true, kwReturn: true, kwTry: true,
	kwWhile: true, kwWith: true,
}

// startsExpr has the tokens that an expression of a list can begin with.
var startsExpr = [kinds]bool{
	tokName: true, tokNumber: true, tokString: true,
	opLeftParen: true, opLeftBracket: true, opLeftBrace: true, opEllipsis: true,
	opStar: true, opPlus: true, opMinus: true, opTilde: true, opBacktick: true,
	kwFalse: true, kwLambda: true, kwNone: true, kwNot: true, kwTrue: true,
}

// Precedences of binary operators, from
// https://docs.python.org/3/reference/expressions.html#operator-precedence.
const (
	precOr = iota + 1
	precAnd
	precCompare
	precBar
	precCaret
	precAmpersand
	precShift
	precSum
	precProduct
)

var precedence = [kinds]uint8{
	kwOr: precOr, kwAnd: precAnd,
	opCompare: precCompare, kwIn: precCompare, kwIs: precCompare, kwNot: precCompare,
	opBar: precBar, opCaret: precCaret, opAmpersand: precAmpersand, opShift: precShift,
	opPlus: precSum, opMinus: precSum,
	opStar: precProduct, opSlash: precProduct, opSlashSlash: precProduct,
	opPercent: precProduct, opAt: precProduct,
}
