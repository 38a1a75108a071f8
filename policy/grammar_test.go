// SPDX-License-Identifier: MIT

package policy

import (
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// grammar is the grammar of docs/policy.md. It has the tokens of each name's definition.
type grammar struct {
	rules map[string][]string
	words map[string]bool // names from the part "One word each"
	names int             // number of rules so far; each name must be unique in a file
	rand  *rand.Rand
}

var token = regexp.MustCompile(`"[^"]*"|[A-Za-z-]+|[|{}()\[\]]`)

func readGrammar(t *testing.T) *grammar {
	t.Helper()
	text, err := os.ReadFile("../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	g := &grammar{rules: map[string][]string{}, words: map[string]bool{}}
	_, after, _ := strings.Cut(string(text), "## Grammar")
	section, _, _ := strings.Cut(after, "\n## ")
	name, words := "", false
	for line := range strings.Lines(section) {
		words = words || strings.HasPrefix(line, "One word each")
		if !strings.HasPrefix(line, "    ") {
			continue
		}
		if left, right, ok := strings.Cut(line, " = "); ok {
			name, line = strings.TrimSpace(left), right
			g.words[name] = words
		}
		g.rules[name] = append(g.rules[name], token.FindAllString(line, -1)...)
	}
	if len(g.rules) < 10 {
		t.Fatalf("docs/policy.md has %d rules of grammar", len(g.rules))
	}
	return g
}

// sentence returns a random sentence of a name.
func (g *grammar) sentence(name string) string {
	tokens := g.rules[name]
	if tokens == nil {
		return g.leaf(name)
	}
	return g.either(&tokens, g.words[name], g.rand.IntN(1<<16))
}

// either returns one of the alternatives up to a closing bracket or the end.
func (g *grammar) either(tokens *[]string, word bool, pick int) string {
	all := []string{""}
	for len(*tokens) > 0 {
		t := (*tokens)[0]
		*tokens = (*tokens)[1:]
		piece := ""
		switch t {
		case "|":
			all = append(all, "")
			continue
		case "}", "]", ")":
			return all[pick%len(all)]
		case "{", "[", "(":
			times, inside := 1, *tokens
			if t != "(" {
				times = g.rand.IntN(2)
			}
			if t == "{" {
				times = g.rand.IntN(4)
			}
			for range max(times, 1) {
				*tokens = inside
				text := g.either(tokens, word, g.rand.IntN(1<<16))
				if times > 0 {
					piece = join(piece, text, word)
				}
			}
		default:
			if strings.HasPrefix(t, `"`) {
				piece = strings.Trim(t, `"`)
			} else {
				piece = g.sentence(t)
				if !word && g.words[t] {
					piece = quoted(piece)
				}
			}
		}
		all[len(all)-1] = join(all[len(all)-1], piece, word)
	}
	return all[pick%len(all)]
}

func join(a, b string, word bool) string {
	if word || a == "" || b == "" || strings.HasSuffix(a, "\n") {
		return a + b
	}
	return a + " " + b
}

// quoted puts a word in quotes if a shell would read it as an operator.
func quoted(word string) string {
	if strings.ContainsAny(word, "<>") {
		return "'" + word + "'"
	}
	return word
}

func (g *grammar) leaf(name string) string {
	any := func(list ...string) string { return list[g.rand.IntN(len(list))] }
	switch name {
	case "END":
		return any("\n", " # why\n", "\r\n")
	case "NOTHING":
		return any("\n", "# a comment\n", "   \n")
	case "NAME":
		g.names++
		n := strconv.Itoa(g.names)
		return any("name"+n, `"a name `+n+`"`, `'x `+n+`'`)
	case "SET":
		g.names++
		return "SET" + strconv.Itoa(g.names)
	case "PATH":
		return any("/etc/slurm/more.conf", "d/*.conf", "'with blank'")
	case "ABSOLUTE-PATH":
		return any("/opt/python", "{datadir}/python", "'/with blank'", "/opt/{cpus}")
	case "VARIABLE":
		return any("OMP_NUM_THREADS", "a1", "_X")
	case "VALUE", "TEXT":
		return any("1", "{cpus}", `"two words {share}"`, `'a;b'`, `a\ b`, "a=b=c", "{threads}{tasks}", "{datadir}/x")
	case "PATTERN":
		return any("a", "*", "knl?", "[ab]*", "[^n]*", "a/b", "x-1.2")
	case "VERSION":
		return any("3.13", "3", "2.7")
	case "NUMBER":
		return any("0", "1", "1792")
	}
	return "no such name in the grammar: " + name
}

// TestGrammar writes files by the grammar of the documentation. All of them must be read
// without an error.
func TestGrammar(t *testing.T) {
	g := readGrammar(t)
	load := func(string) ([]File, error) { return nil, nil }
	for seed := range uint64(3000) {
		g.rand, g.names = rand.New(rand.NewPCG(seed, 0)), 0
		text := g.sentence("file")
		if _, err := Parse("f", text, load); err != nil {
			t.Fatalf("%v\nin\n%s", err, text)
		}
	}
}
