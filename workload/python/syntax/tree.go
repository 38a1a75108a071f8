// SPDX-License-Identifier: MIT

// Package syntax reads Python source text, version 2 or 3, into a syntax tree.
//
// The reader is tolerant: a logical line that it cannot parse becomes a [Bad]
// statement, and the lines around it stand. A function's body is parsed when it is
// asked for, since most functions of a program are never followed.
package syntax

// File is one parsed text.
type File struct {
	Path string // for messages
	Body []Stmt // statements of the module, in their order
	// Cut reports that the text was longer or deeper nested than the bounds allow:
	// the rest of it is missing.
	Cut bool
}

// Stmt is a statement. Compound statements hold their blocks.
type Stmt interface{ Position() int }

// Line is the number of the line, from 1, where a node begins.
type Line int32

// Position returns the number of the line.
func (l Line) Position() int { return int(l) }

// Statements.
type (
	// ExprStmt is an expression that stands as a statement; Python 2's print and
	// exec statements are calls of the names print and exec.
	ExprStmt struct {
		Line
		Value Expr
	}
	// Assign is a = b = value; an annotated assignment without a value has Value nil.
	Assign struct {
		Line
		Targets    []Expr
		Value      Expr
		Annotation Expr // of "name: annotation = value", else nil
	}
	// AugAssign is target OP= value; Op is the operator without "=".
	AugAssign struct {
		Line
		Target Expr
		Op     string
		Value  Expr
	}
	// If has an elif as the only statement of Else.
	If struct {
		Line
		Test Expr
		Body []Stmt
		Else []Stmt
	}
	// For is also the asynchronous form.
	For struct {
		Line
		Target Expr
		Iter   Expr
		Body   []Stmt
		Else   []Stmt
	}
	// While is a while loop.
	While struct {
		Line
		Test Expr
		Body []Stmt
		Else []Stmt
	}
	// With is also the asynchronous form.
	With struct {
		Line
		Items []WithItem
		Body  []Stmt
	}
	// Try is try/except/else/finally, also with "except*".
	Try struct {
		Line
		Body     []Stmt
		Handlers []Handler
		Else     []Stmt
		Finally  []Stmt
	}
	// Def is a function definition.
	Def struct {
		Line
		*Function
		Decorators []Expr
	}
	// Class is a class definition.
	Class struct {
		Line
		Name       string
		Arguments  []Argument // bases and keywords
		Decorators []Expr
		Body       []Stmt
	}
	// Return has Value nil if it returns None.
	Return struct {
		Line
		Value Expr
	}
	// Raise has Value nil if it raises the current exception again.
	Raise struct {
		Line
		Value Expr
	}
	// Import is import a.b as c, d.
	Import struct {
		Line
		Names []Alias
	}
	// ImportFrom is from ..module import names; Level counts the leading dots. A
	// star is an Alias with the name "*".
	ImportFrom struct {
		Line
		Module string
		Level  int
		Names  []Alias
	}
	// Global is also nonlocal.
	Global struct {
		Line
		Names    []string
		Nonlocal bool
	}
	// Delete is del targets.
	Delete struct {
		Line
		Targets []Expr
	}
	// Assert is assert test, message.
	Assert struct {
		Line
		Test Expr
	}
	// Match is a match statement (PEP 634).
	Match struct {
		Line
		Subject Expr
		Cases   []Case
	}
	// Pass is also a statement without an effect on what is followed.
	Pass struct{ Line }
	// Break is break.
	Break struct{ Line }
	// Continue is continue.
	Continue struct{ Line }
	// Bad is a logical line, with the block below it, that could not be parsed.
	Bad struct{ Line }
)

// Alias is one name of an import; As is "" if it has no "as".
type Alias struct{ Name, As string }

// WithItem is one context manager; Target is nil without "as".
type WithItem struct {
	Context Expr
	Target  Expr
}

// Handler is one except block; Type is nil for a bare except.
type Handler struct {
	Line
	Type Expr
	Name string
	Body []Stmt
}

// Case is one case block. Pattern is the pattern as an expression: a literal, a
// dotted name, an Or as a BinOp "|", a capture as a Name, "_" as a Name; nil if the
// pattern is of another form.
type Case struct {
	Line
	Pattern Expr
	Guard   Expr // nil without one
	Body    []Stmt
}

// Function is what a def or a lambda defines.
type Function struct {
	Name       string // "" for a lambda
	Async      bool
	Parameters []Parameter
	// Result is a lambda's expression, nil for a def.
	Result Expr
	// Generator reports a yield in the body. It is known once Statements was called.
	Generator bool

	body lazy
}

// Statements parses the body at the first call, and returns the same statements at
// each further one. A lambda has none.
func (f *Function) Statements() []Stmt { return f.statements() }

// Parameter kinds.
const (
	Plain      = iota // positional or keyword
	Positional        // before "/"
	Keyword           // after "*"
	Star              // *args
	StarStar          // **kwargs
)

// Parameter is one parameter of a function.
type Parameter struct {
	Name       string
	Kind       uint8
	Default    Expr // nil without one
	Annotation Expr // nil without one
}

// Argument is one argument of a call or of a class.
type Argument struct {
	Name  string // "" for a positional one
	Star  uint8  // 0, or 1 for *value, 2 for **value
	Value Expr
}

// Expr is an expression.
type Expr interface{ Position() int }

// Expressions.
type (
	// Name is an identifier.
	Name struct {
		Line
		ID string
	}
	// String is a string literal, adjacent literals joined, escapes undone.
	String struct {
		Line
		Value string
		Bytes bool
	}
	// Format is a string with replacement fields. Parts are String or any other
	// expression; a field with a conversion or a format specification is a
	// FormatField.
	Format struct {
		Line
		Parts []Expr
	}
	// FormatField is a field of a Format that has a conversion or a specification.
	FormatField struct {
		Line
		Value Expr
	}
	// Int is a whole number that fits 64 bits, True and False excluded.
	Int struct {
		Line
		Value int64
	}
	// Float is any other real number.
	Float struct {
		Line
		Value float64
	}
	// Constant is None, True, False or "..." (Value "None", "True", "False", "...").
	Constant struct {
		Line
		Value string
	}
	// Sequence is a list, tuple or set display.
	Sequence struct {
		Line
		Kind  uint8 // List, Tuple or Set
		Items []Expr
	}
	// Dict is a dict display; a Key that is nil is **Value.
	Dict struct {
		Line
		Keys, Values []Expr
	}
	// Comprehension is a list, set or dict comprehension or a generator expression.
	Comprehension struct {
		Line
		Kind   uint8 // List, Set, Generator or Mapping
		Result Expr
		Value  Expr // of Mapping
		Loops  []Loop
	}
	// Attribute is value.name.
	Attribute struct {
		Line
		Value Expr
		Name  string
	}
	// Subscript is value[index]; Index is a Slice for a slice.
	Subscript struct {
		Line
		Value Expr
		Index Expr
	}
	// Slice is lower:upper:step; each may be nil.
	Slice struct {
		Line
		Lower, Upper, Step Expr
	}
	// Call is function(arguments).
	Call struct {
		Line
		Function  Expr
		Arguments []Argument
	}
	// Unary is one of "-", "+", "~", "not".
	Unary struct {
		Line
		Op    string
		Value Expr
	}
	// Binary is an arithmetic operator: + - * / // % ** @ & | ^ << >>.
	Binary struct {
		Line
		Op          string
		Left, Right Expr
	}
	// Logical is "and" or "or" over two or more values.
	Logical struct {
		Line
		Op     string
		Values []Expr
	}
	// Compare is a chain: Left Ops[0] Rights[0] Ops[1] Rights[1]... Operators are
	// < > == != <= >= in, not in, is, is not; Python 2's <> is "!=".
	Compare struct {
		Line
		Left   Expr
		Ops    []string
		Rights []Expr
	}
	// Conditional is Body if Test else Else.
	Conditional struct {
		Line
		Test, Body, Else Expr
	}
	// Lambda is an anonymous function.
	Lambda struct {
		Line
		*Function
	}
	// Starred is *value in a display, a target or a subscript.
	Starred struct {
		Line
		Value Expr
	}
	// Await is await value.
	Await struct {
		Line
		Value Expr
	}
	// Yield is yield value and yield from value; Value may be nil.
	Yield struct {
		Line
		Value Expr
		From  bool
	}
	// Walrus is name := value.
	Walrus struct {
		Line
		Name  string
		Value Expr
	}
)

// Kinds of Sequence and Comprehension.
const (
	List = iota
	Tuple
	Set
	Generator
	Mapping
)

// Loop is one "for ... in ... if ..." of a comprehension.
type Loop struct {
	Target, Iter Expr
	Tests        []Expr
}
