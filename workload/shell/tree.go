// SPDX-License-Identifier: MIT

package shell

// A node is a command of one of the types below, or nil if there is no command.
type node any

type (
	// A list has commands that run one after another.
	list []item

	item struct {
		node       node
		background bool
	}

	// A chain has pipelines with && ('&') or || ('|') between them.
	chain struct {
		parts []node
		ops   []byte
	}

	pipeline struct {
		parts []node
		not   bool
	}

	// A group is { ... } or ( ... ).
	group struct {
		body     list
		subshell bool
	}

	// aside is a coprocess.
	aside struct{ node node }

	redirected struct {
		node   node
		redirs []redirect
	}

	branch struct {
		conditions, bodies []list
		otherwise          list
	}

	loop struct {
		kind     string // for, select, while, until, or (( for the loop with arithmetic
		variable string
		words    []word
		given    bool // the words are given; otherwise the words are "$@"
		head     string
		test     list
		body     list
	}

	choice struct {
		value word
		arms  []arm
	}

	arm struct {
		patterns []word
		body     list
		end      string // ;; ;& ;;& or ""
	}

	function struct {
		name string
		body node
	}

	// arithmetic is (( ... )).
	arithmetic struct{ text string }

	// brackets is [[ ... ]].
	brackets struct{ condition *condition }

	simple struct {
		assigns  []assign
		words    []word
		redirs   []redirect
		declares bool // export or a similar command: assigns may come among the words
		text     string
		line     int
	}

	assign struct {
		name    string
		index   string // of A[index]=
		indexed bool
		adds    bool // +=
		value   word
		isList  bool
		items   []word
		keyed   bool // an item of the list is [key]=value
	}

	redirect struct {
		op     string
		fd     string
		target word
		here   *hereText
	}

	// A hereText is a here-document.
	hereText struct {
		mark   string
		strip  bool // of leading tabs
		quoted bool // nothing in it is expanded
		text   string
		line   int
	}

	// A condition is a part of [[ ... ]]. Its operator is && || ! between conditions, ""
	// for one word, or the operator of a test of words.
	condition struct {
		op          string
		left, right *condition
		a, b        word
	}
)

type word struct {
	parts  []part
	braces bool // it has a brace that may have to be expanded
}

type kind uint8

const (
	literal   kind = iota // text that is not quoted
	quoted                // text that is quoted
	inQuotes              // parts in "..."
	parameter             // $x, ${x...}
	command               // $(...), `...`
	number                // $((...))
	process               // <(...), >(...)
	anyWords              // braces with too many words
)

type part struct {
	kind  kind
	text  string
	parts []part
	param *param
}

// A param is the content of ${...} or $(...).
type param struct {
	list     list // the commands of $(...)
	name     string
	index    string // of ${A[index]}; "@" and "*" mean all entries
	indexed  bool
	length   bool // ${#A}
	indirect bool // ${!A}
	op       string
	arg      []part
	with     []part // of ${A/arg/with}
}

// plain returns the text of a word without expansions. The bool is false for any other
// word.
func (w word) plain() (string, bool) {
	if len(w.parts) == 1 && (w.parts[0].kind == literal || w.parts[0].kind == quoted) {
		return w.parts[0].text, true
	}
	return "", false
}

// bare returns the text of a word without any quote or expansion in it.
func (w word) bare() string {
	if len(w.parts) == 1 && w.parts[0].kind == literal {
		return w.parts[0].text
	}
	return ""
}

// first returns the first word of a command if it is plain.
func (s *simple) first() string {
	if len(s.words) == 0 {
		return ""
	}
	return s.words[0].bare()
}
