// SPDX-License-Identifier: MIT

package workload

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxArgs is Slurm's own bound on the words of a --multi-prog line.
const maxArgs = 128

var errNoProgram = errors.New("no program is specified for this task")

// MultiProg gives the command line that a --multi-prog configuration file has
// for one task of a step: text is the file's, and rank the task's among tasks.
// The words that follow the file's name on srun's command line come after those
// of every task; they are the caller's to append.
//
// It reads the file as slurmstepd does, not as the manual page says, where they
// differ: quotes are single, a backslash takes the next character as it is or
// joins the next line, "%t" is the rank and "%o" its offset in the line's list.
// Source: srun(1), MULTIPLE PROGRAM CONFIGURATION; Slurm's
// src/slurmd/slurmstepd/multi_prog.c.
func MultiProg(text string, rank, tasks int) ([]string, error) {
	if rank < 0 || rank >= tasks {
		return nil, fmt.Errorf("rank %d of %d tasks: %w", rank, tasks, errNoProgram)
	}
	lines := multiProgLines(text)
	joined := false
	for i, line := range lines {
		continues := joined
		joined = strings.HasSuffix(line, `\`)
		if continues {
			continue
		}
		line = strings.TrimLeft(line, multiProgSpace)
		if line == "" || line[0] == '#' {
			continue
		}
		end := strings.IndexAny(line, multiProgSpace)
		if end < 0 {
			return nil, fmt.Errorf("line %d of the program list: no program: %q", i+1, line)
		}
		offset, ok := rankOffset(line[:end], rank)
		if !ok {
			continue
		}
		argv, err := multiProgWords(line[end:], lines[i+1:], rank, offset)
		if err != nil {
			return nil, fmt.Errorf("line %d of the program list: %w", i+1, err)
		}
		if len(argv) == 0 {
			return nil, fmt.Errorf("line %d of the program list: %w", i+1, errNoProgram)
		}
		return argv, nil
	}
	return nil, fmt.Errorf("rank %d: %w", rank, errNoProgram)
}

const multiProgSpace = " \t\v\f\r\n"

// multiProgLines splits a text as strtok does: a line that is empty is none.
func multiProgLines(text string) []string {
	text, _, _ = strings.Cut(text, "\x00")
	lines := strings.Split(text, "\n")
	kept := lines[:0]
	for _, line := range lines {
		if line != "" {
			kept = append(kept, line)
		}
	}
	return kept
}

// rankOffset finds a rank in a list as "0,2-3" or "*", and its place there. A
// part of the list that is malformed is passed over, as Slurm does.
func rankOffset(list string, rank int) (int, bool) {
	if list == "*" {
		return rank, true
	}
	passed := 0
	for part := range strings.SplitSeq(list, ",") {
		first, last, ranged := strings.Cut(part, "-")
		if !ranged {
			last = first
		}
		low, err1 := strconv.ParseUint(first, 10, 31)
		high, err2 := strconv.ParseUint(last, 10, 31)
		if err1 != nil || err2 != nil || high < low {
			continue
		}
		if uint64(rank) >= low && uint64(rank) <= high {
			return passed + rank - int(low), true
		}
		passed += int(high-low) + 1
	}
	return 0, false
}

// multiProgWords splits what follows the ranks; more is the lines below, for a
// backslash at the end.
func multiProgWords(s string, more []string, rank, offset int) ([]string, error) {
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
		case strings.IndexByte(multiProgSpace, c) >= 0:
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
			// Slurm makes an empty word of a backslash that stands alone; the program
			// that it starts with it fails, so that nothing is lost without it.
			if len(more) > 0 {
				s, more, i = more[0], more[1:], -1
			}
			continue
		case c == '\'':
			rest, lines, quoted, ok := multiProgQuote(s[i+1:], more)
			if !ok {
				return nil, fmt.Errorf("a quote does not end: %q", s)
			}
			word = append(word, quoted...)
			s, more, i = rest, lines, -1
		default:
			word = append(word, c)
		}
		inWord = true
	}
	finish()
	return argv, nil
}

// multiProgQuote gives what a single quote holds, and what comes after it. A
// line that ends in a backslash inside goes on in the next one; Slurm drops
// what the quote held before.
func multiProgQuote(s string, more []string) (rest string, lines []string, quoted string, ok bool) {
	for {
		if before, after, found := strings.Cut(s, "'"); found {
			return after, more, before, true
		}
		if !strings.HasSuffix(s, `\`) || len(more) == 0 {
			return "", nil, "", false
		}
		s, more = more[0], more[1:]
	}
}
