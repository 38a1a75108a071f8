// SPDX-License-Identifier: MIT

package workload

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// MaxMultiProg is the largest file that srun --multi-prog takes, in bytes (_load_multi of Slurm's
// launch code). The text is read for each task of a node, so this bounds the time as well.
const MaxMultiProg = 60000

// maxArgs is Slurm's bound on the words of a --multi-prog line.
const maxArgs = 128

var errNoProgram = errors.New("no program is specified for this task")

// MultiProg returns the command line that a --multi-prog configuration file has for one task of a
// step. text is the text of the file, rank the number of the task, and tasks the number of all
// tasks. The caller appends the words that follow the file's name on srun's command line.
//
// If slurmstepd and the manual page differ, it reads the file as slurmstepd does: quotes are single, a backslash takes the next character as it is or
// joins the next line, "%t" is the rank and "%o" its offset in the line's list.
// Source: srun(1), MULTIPLE PROGRAM CONFIGURATION; Slurm's
// src/slurmd/slurmstepd/multi_prog.c.
func MultiProg(text string, rank, tasks int) ([]string, error) {
	if rank < 0 || rank >= tasks {
		return nil, fmt.Errorf("rank %d of %d tasks: %w", rank, tasks, errNoProgram)
	}
	if len(text) > MaxMultiProg {
		return nil, fmt.Errorf("a program list of %d bytes: srun takes %d at most", len(text), MaxMultiProg)
	}
	text, _, _ = strings.Cut(text, "\x00")
	lines := multiProgLines{rest: text}
	joined := false
	for line, ok := lines.next(); ok; line, ok = lines.next() {
		continues := joined
		joined = strings.HasSuffix(line, `\`)
		if continues {
			continue
		}
		line = line[multiProgBlanks(line):]
		if line == "" || line[0] == '#' {
			continue
		}
		end := 0
		for end < len(line) && !isMultiProgSpace(line[end]) {
			end++
		}
		if end == len(line) {
			return nil, fmt.Errorf("line %d of the program list: no program: %q", lines.number, line)
		}
		offset, ok := rankOffset(line[:end], rank)
		if !ok {
			continue
		}
		argv, err := multiProgWords(line[end:], lines, rank, offset)
		if err != nil {
			return nil, fmt.Errorf("line %d of the program list: %w", lines.number, err)
		}
		if len(argv) == 0 {
			return nil, fmt.Errorf("line %d of the program list: %w", lines.number, errNoProgram)
		}
		return argv, nil
	}
	return nil, fmt.Errorf("rank %d: %w", rank, errNoProgram)
}

func isMultiProgSpace(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r'
}

// multiProgBlanks returns the number of blanks at the beginning of a line.
func multiProgBlanks(line string) int {
	n := 0
	for n < len(line) && isMultiProgSpace(line[n]) {
		n++
	}
	return n
}

// multiProgLines are the lines of a text as strtok(3) returns them, without empty lines. They are
// not kept, because the text is read for each task of a step.
type multiProgLines struct {
	rest   string
	number int // of the last line
}

func (l *multiProgLines) next() (string, bool) {
	for l.rest != "" {
		var line string
		if line, l.rest, _ = strings.Cut(l.rest, "\n"); line != "" {
			l.number++
			return line, true
		}
	}
	return "", false
}

// rankOffset finds a rank in a list such as "0,2-3" or "*", and its place there. It passes over
// a malformed part of the list, as Slurm does.
func rankOffset(list string, rank int) (int, bool) {
	if list == "*" {
		return rank, true
	}
	passed := 0
	for part := range strings.SplitSeq(list, ",") {
		first, last, ranged := strings.Cut(part, "-")
		low, ok := parseRank(first)
		high := low
		if ranged && ok {
			high, ok = parseRank(last)
		}
		if !ok || high < low {
			continue
		}
		if rank >= low && rank <= high {
			return passed + rank - low, true
		}
		passed += high - low + 1
	}
	return 0, false
}

// parseRank reads a number of at most 31 bits. It returns no error value, because to build one
// would take longer than to read the number.
func parseRank(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		if n = n*10 + int(c-'0'); n > math.MaxInt32 {
			return 0, false
		}
	}
	return n, s != ""
}

// multiProgWords splits the part of a line after the ranks. more has the lines below, for a
// backslash at the end.
func multiProgWords(s string, more multiProgLines, rank, offset int) ([]string, error) {
	var argv []string
	var word []byte
	inWord := false
	finish := func() {
		if inWord && len(argv) < maxArgs-1 {
			argv = append(argv, string(word))
		}
		word, inWord = word[:0], false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isMultiProgSpace(c):
			finish()
			continue
		case c == '%' && i+1 < len(s):
			i++
			switch s[i] {
			case 't':
				word = strconv.AppendInt(word, int64(rank), 10)
			case 'o':
				word = strconv.AppendInt(word, int64(offset), 10)
			}
		case c == '%':
		case c == '\\' && i+1 < len(s):
			i++
			word = append(word, s[i])
		case c == '\\':
			// Slurm makes an empty word of a backslash between blanks. Programs fail with such
			// a word, so it is left out here.
			if line, ok := more.next(); ok {
				s, i = line, -1
			}
			continue
		case c == '\'':
			rest, quoted, ok := multiProgQuote(s[i+1:], &more)
			if !ok {
				return nil, fmt.Errorf("a quote does not end: %q", s)
			}
			word = append(word, quoted...)
			s, i = rest, -1
		default:
			word = append(word, c)
		}
		inWord = true
	}
	finish()
	return argv, nil
}

// multiProgQuote returns the text up to the closing quote, and the text after it. A line that ends
// in a backslash within the quote goes on in the next line. Slurm drops the text of the quote
// before that.
func multiProgQuote(s string, more *multiProgLines) (rest, quoted string, ok bool) {
	for {
		if before, after, found := strings.Cut(s, "'"); found {
			return after, before, true
		}
		line, ok := more.next()
		if !ok || !strings.HasSuffix(s, `\`) {
			return "", "", false
		}
		s = line
	}
}
