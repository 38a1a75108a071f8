// SPDX-License-Identifier: MIT

package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	// maxWorkers bounds workers=N, in processes. The shim's words.c has the same bound.
	maxWorkers = 65536
	// maxWords bounds the words of an option, in bytes. It is the shim's MP_WORDS_MAX
	// without the NUL.
	maxWords = 255
)

// allowedWords lists the words of --mp-policy and MP_POLICY. This text and the messages
// below are the same as in the shim's words.c, byte for byte.
const allowedWords = "allowed, separated by commas: auto, off, on, multiprocessing, mpi, workers=N (1 to 65536), bind, explain"

// choiceWords are the words that a misspelt word is compared with. For workers=N, it has
// the part before the "=".
var choiceWords = []string{"auto", "off", "on", "multiprocessing", "mpi", "bind", "explain", "workers"}

// ChoiceWords returns the words that ParseChoice takes, for example for the completion of
// a shell. A word that needs a number ends with "=".
func ChoiceWords() []string {
	words := slices.Clone(choiceWords)
	for i, word := range words {
		if word == "workers" {
			words[i] = "workers="
		}
	}
	return words
}

// Choice is the user's choice with --mp-policy or MP_POLICY. The zero value means that
// the user chose nothing.
type Choice struct {
	// Off leaves the step's environment alone.
	Off bool
	// On applies the policy even if the site's default is off.
	On bool
	// Explain prints the decision and the reasons to the step's stderr.
	Explain bool
	// Bind keeps the binding that the user has set, as affinity=off does for all steps.
	Bind bool
	// Multiprocessing and MPI set the kind of the program, whatever it looks like.
	Multiprocessing, MPI bool
	// Workers is the number of worker processes of each task, 0 if not set.
	Workers int
}

// ParseChoice reads the comma-separated words of --mp-policy or MP_POLICY. An error names
// the wrong word and the allowed words. Then all words of the text are refused. A word
// may be repeated, but not with two numbers of workers.
func ParseChoice(text string) (Choice, error) {
	if text == "" {
		return Choice{}, errors.New("a value is missing; " + allowedWords)
	}
	if len(text) > maxWords {
		return Choice{}, fmt.Errorf("longer than %d bytes; %s", maxWords, allowedWords)
	}
	var c Choice
	wanted := false
	for word := range strings.SplitSeq(text, ",") {
		switch word {
		case "auto":
		case "off":
			c.Off = true
			continue
		case "explain":
			c.Explain = true
			continue
		case "on":
			c.On = true
		case "bind":
			c.On, c.Bind = true, true
		case "multiprocessing":
			c.On, c.Multiprocessing = true, true
		case "mpi":
			c.On, c.MPI = true, true
		default:
			n := workers(word)
			if n == 0 {
				return Choice{}, wordError(word)
			}
			if c.Workers > 0 && n != c.Workers {
				return Choice{}, fmt.Errorf("workers=N is given twice, with %d and with %d", c.Workers, n)
			}
			// a number of workers means that there are workers
			c.On, c.Multiprocessing, c.Workers = true, true, n
		}
		wanted = true
	}
	if c.Off && wanted {
		return Choice{}, fmt.Errorf("\"off\" stands alone or with \"explain\"; %s", allowedWords)
	}
	return c, nil
}

// workers returns the number of "workers=N". 0 means another word, or a number that is
// not allowed.
func workers(word string) int {
	digits, _ := strings.CutPrefix(word, "workers=")
	if digits == word {
		return 0
	}
	n := 0
	for _, c := range []byte(digits) {
		if n = 10*n + int(c-'0'); c < '0' || c > '9' || n > maxWorkers {
			return 0
		}
	}
	return n
}

// wordError returns the error for a word that does not exist.
func wordError(word string) error {
	shown := []byte(word[:min(len(word), 64)])
	for i, c := range shown {
		if c < ' ' || c > '~' {
			shown[i] = '?'
		}
	}
	if word == "" {
		return errors.New("a word is empty; " + allowedWords)
	}
	if word == "workers" || strings.HasPrefix(word, "workers=") {
		return fmt.Errorf("\"%s\" is not workers=N with a number from 1 to %d", shown, maxWorkers)
	}
	if name := meant(word); name != "" {
		return fmt.Errorf("\"%s\" is not a word of it; did you mean \"%s\"?", shown, name)
	}
	return fmt.Errorf("\"%s\" is not a word of it; %s", shown, allowedWords)
}

// meant returns the word that the user probably meant, "" if there is none.
func meant(word string) string {
	best, fewest := "", 3
	for _, name := range choiceWords {
		// "no" is not "on": a short word allows fewer errors
		most := 2
		switch n := len(name); {
		case n < 3:
			most = 0
		case n < 7:
			most = 1
		}
		part := word
		if name == "workers" {
			part, _, _ = strings.Cut(word, "=")
		}
		if n := typingErrors(part, name, most); n <= most && n < fewest {
			fewest, best = n, name
		}
	}
	if best == "workers" {
		return "workers=N"
	}
	return best
}

// typingErrors returns how many letters of a word are inserted, left out, replaced, or
// swapped with their neighbours. Capital and small letters are equal. If there are more
// than most, it returns most + 1.
func typingErrors(word, name string, most int) int {
	if len(word) > len(name)+most || len(name) > len(word)+most {
		return most + 1
	}
	small := func(c byte) byte {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}
	// the last two rows of the table, and the row that is being made
	var two, one []int
	row := make([]int, len(name)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(word); i++ {
		two, one, row = one, row, make([]int, len(name)+1)
		row[0] = i
		for j := 1; j <= len(name); j++ {
			n := one[j-1]
			if small(word[i-1]) != name[j-1] {
				n++
			}
			n = min(n, one[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && small(word[i-1]) == name[j-2] && small(word[i-2]) == name[j-1] {
				n = min(n, two[j-2]+1)
			}
			row[j] = n
		}
	}
	return row[len(name)]
}

// The site's default=, a word of plugstack.conf.
const (
	DefaultOn      = "on"
	DefaultOff     = "off"
	DefaultObserve = "observe" // everything is decided, but nothing is set
)

// Active reports whether the rules are to be evaluated: def is the site's default=.
func (c Choice) Active(def string) bool {
	return !c.Off && (def == DefaultOn || def == DefaultObserve || c.On)
}

// Observed reports whether what the rules decide is not to be set: the site only looks,
// and the user did not ask for it.
func (c Choice) Observed(def string) bool {
	return !c.Off && !c.On && def == DefaultObserve
}
