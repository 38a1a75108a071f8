// SPDX-License-Identifier: MIT

package shell

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// marked returns commands as text, one on a line. Marks come before a command: ?
// conditional, * repeated, & in the background, $ captured. ~ is an unknown piece, and ~~
// any number of words.
func marked(r Reading) string {
	var b strings.Builder
	for _, c := range r.Commands {
		for _, m := range []struct {
			sign string
			set  bool
		}{{"?", c.Conditional}, {"*", c.Repeated}, {"&", c.Background}, {"$", c.Captured}} {
			if m.set {
				b.WriteString(m.sign)
			}
		}
		b.WriteString(strings.ReplaceAll(strings.Join(c.Words, " "), Unknown, "~"))
		b.WriteString("\n")
	}
	return b.String()
}

// TestReading has scripts whose values are not all known.
func TestReading(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an unknown condition takes both", "if a; then A=1; b; else A=2; c; fi; d $A", "a\n?b\n?c\nd ~~\n"},
		{"what is the same in both is known", "if a; then A=1; else A=1; fi; d $A", "a\nd 1\n"},
		{"one branch only", "A=1; if a; then A=2; fi; d \"$A\"", "a\nd ~\n"},
		{"a branch that exits does not count", "A=1; if a; then A=2; exit; fi; d $A", "a\n?exit\nd 1\n"},
		{"all branches exit", "if a; then exit; else exit 1; fi; d", "a\n?exit\n?exit 1\n"},
		{"elif", "if a; then A=1; elif b; then A=2; elif true; then A=3; else c; fi; d $A", "a\n?b\n?true\nd ~~\n"},
		{"files are not looked at", "[ -d x ] && a; [[ -f x ]] || b", "[ -d x ]\n?a\n?b\n"},
		{"case of an unknown word", "case $(a) in x) b;; *) c;; esac", "$a\n?b\n?c\n"},
		{"case that takes anything", "case $(a) in *) b;; esac", "$a\nb\n"},
		{"&& of a command", "a && A=1; b && exit; c $A", "a\nb\n?exit\nc ~~\n"},
		{"|| exit", "A=1; a || exit 1; b $A", "a\n?exit 1\nb 1\n"},
		{"a loop", "for i in 1 2 3; do a $i --x=$i; done; b $i", "*a ~ --x=~\nb ~\n"},
		{"a loop over words with blanks", "for i in 'a b' c; do a $i; done", "*a ~~\n"},
		{"a loop over files", "for f in *.txt; do a \"$f\"; done", "*a ~\n"},
		{"a loop over an output", "for i in $(seq 1 9) x; do a $i; done; for i in \"$(b)\"; do a $i; done", "$seq 1 9\n*a ~\n$b\na ~~\n"},
		{"a loop over many numbers", "for i in {1..1000000}; do a $i; done", "*a ~\n"},
		{"what a loop assigns", "A=1; for i in x y; do a $A; A=2; done; b $A", "*a ~~\nb 2\n"},
		{"a loop that may not run", "A=1; while a; do A=2; done; b $A", "*a\nb ~~\n"},
		{"a loop with break", "A=1; for i in x y; do a && break; A=2; done; b $A", "*a\n?*break\nb ~~\n"},
		{"a function in a loop", "f() { A=2; }; A=1; for i in x y; do a $A; f; done", "*a ~~\n"},
		{"a loop that counts", "for ((i=0; i<3; i++)); do a $i; done", "*a ~\n"},
		{"loops in loops", "for i in a b; do for j in $i c; do a $i$j; done; done", "*a ~~\n"},
		{"directory in a loop", "cd /x; for i in a b; do cd $i; a; done", "cd /x\n*cd ~\n*a\n"},
		{"arguments in a loop", "set -- a b; while b; do shift; done; a \"$@\"", "set -- a b\n*b\n*shift\na ~~\n"},
		{"no arguments to parse", "A=1; while [ $# -gt 0 ]; do case $1 in -a) A=$2;; esac; shift; done; a $A", "[ 0 -gt 0 ]\na 1\n"},
		{"background", "a & b; { c; } & wait", "&a\nb\n&c\nwait\n"},
		{"captured", "A=$(a | b) c; d <(e) `f`", "$a\n$b\nc\n&$e\n$f\nd /dev/fd/63 ~~\n"},
		{"unknown pieces", `a "--jobs=$(b)" -j$(b) "$(b)$(c)"`, "$b\n$b\n$b\n$c\na --jobs=~ -j~ ~\n"},
		{"one word", `a $((X+$(b))) $(nproc) $? $$`, "$b\n$nproc\na ~ ~ ~ ~\n"},
		{"files by pattern", `a *.txt "*" 'x?' [ab] \*`, "a ~~ * x? ~~ *\n"},
		{"module sets what is not seen", "a $U; module load x; b $U \"$U\" $K; U=1; c $U", "a\nmodule load x\nb ~~ ~ k\nc 1\n"},
		{"a file that is not read", "source x.sh; a $U $K", "source x.sh\na ~~ k\n"},
		{"eval of a text that is read", "eval \"$(sed -n 3p x | head)\"; eval $(a); b", "$sed -n 3p x\n$head\neval ~\n$a\nb\n"},
		{"a substitution in the background", "a $(b) &", "&$b\n&a ~~\n"},
		{"eval of a text that is not known", "eval \"$(conda shell.bash hook)\"; eval $X$(y); a $U", "$conda shell.bash hook\n$y\neval ~~\na ~~\n"},
		{"read", "read A B <x; a $A", "read A B\na ~~\n"},
		{"getopts", "while getopts x: o; do case $o in x) X=$OPTARG;; esac; done; a \"$X\"", "*getopts x: o\na ~\n"},
		{"IFS", "IFS=,; A=a,b; a $A x", "a ~~ x\n"},
		{"IFS of a command", "IFS=, read A; B='a b'; a $B", "read A\na a b\n"},
		{"IFS that splits nothing", "IFS=,; A=ab; a $A", "a ab\n"},
		{"partly known", "A=/x/$(b)/c.txt; a ${A##*/} ${A%/*} ${A%.txt}", "$b\na c.txt /x/~ /x/~/c\n"},
		{"associative arrays", "declare -A M=([a]=1); M[b]=2; a \"${M[a]}\" \"${M[@]}\"", "declare -A M\na ~ ~~\n"},
		{"too many braces", "a {1..1000000} x", "a ~~ x\n"},
		{"local variables come back", "A=1; f() { local A=$(b); a \"$A\"; }; f; c $A", "$b\nlocal A=~\na ~\nc 1\n"},
		{"return on the way", "f() { if a; then return 1; fi; true; }; f || b", "a\n?return 1\ntrue\n?b\n"},
		{"status of a substitution", "A=$(a) || b; A=\"c\" || d", "$a\n?b\n"},
		{"exit in a function", "f() { exit; }; f; a", "exit\n"},
		{"exit in a subshell", "(exit); a", "exit\na\n"},
		{"exec", "exec >log 2>&1; exec a b; c", "exec a b\n"},
		{"division by zero", "a $((1/0)) $((1%0))", "a ~ ~\n"},
		{
			"where the script is", `D=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" >/dev/null 2>&1 && pwd -P); a $D $(basename $0 .sh) $(readlink -f ..)`,
			"$dirname -- /x/run.sh\n$cd -- /x\n$pwd -P\n$basename /x/run.sh .sh\n$readlink -f ..\na /x run /\n",
		},
		{"an error of syntax", "a\nb )\nc", "a\nb\n"},
		{"carriage returns", "if true\r\nthen\r\na b\r\nfi\r\n", "true\na b\n"},
		{"a default that is not needed", "module load x; a ${K:-z} ${U:-z} ${U:+z}", "module load x\na k z ~~\n"},
		{"a trap", "trap 'a $X' EXIT; X=1; b", "trap a $X EXIT\nb\n?a 1\n"},
		{"a trap that calls a function", "trap -- f INT TERM; f() { a; }; b; exit; c", "trap -- f INT TERM\nb\nexit\n?a\n"},
		{"a trap of what is not known", "trap \"rm -rf $(a)/x\" EXIT", "$a\ntrap rm -rf ~/x EXIT\n?rm -rf ~/x\n"},
		{"traps that are removed or ignored", "trap - EXIT; trap '' INT; trap; trap -p EXIT", "trap - EXIT\ntrap  INT\ntrap\ntrap -p EXIT\n"},
		{"a trap in a trap", "A='trap \"$A\" EXIT; a'; trap \"$A\" EXIT", "trap trap \"$A\" EXIT; a EXIT\n?trap trap \"$A\" EXIT; a EXIT\n?a\n"},
		{"letters that are not ASCII", "A=\u00e9t\u00e9; a ${A^} ${A^^} ${A:1:1} ${#A}", "a ~~ ~~ ~~ 3\n"},
		{"a default that is assigned", "a ${A:=b} $A ${K:=c} $K; E=; a ${E=d} $E ${E:=e} $E", "a b b k k\na e e\n"},
		{"the host's name", "a $HOSTNAME", "a ~\n"},
		{"the directory of the submission", "a $SLURM_SUBMIT_DIR", "a /work\n"},
		{"a function that is removed", "f() { a; }; f; unset -f f; f", "a\nunset -f f\nf\n"},
		{"a prompt is not a variable", "prompt=1; read -p prompt A; a $prompt \"$A\"", "read -p prompt A\na 1 ~\n"},
		{"what getopts sets", "OPTARG=1; OPTIND=1; o=1; while getopts x: o; do a \"$o\"; done; a \"$OPTARG\" \"$OPTIND\" \"$o\"", "*getopts x: o\n*a ~\na ~ ~ ~\n"},
		{"coproc", "coproc a; b", "&a\nb\n"},
		{"pushd", "pushd /y; a $PWD; popd; b $PWD", "pushd /y\na /y\npopd\nb /work\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Read(Script{Text: c.text, Name: "/x/run.sh", Dir: "/work", Env: environment(map[string]string{"K": "k", "HOME": "/home/u"})})
			if diff := cmp.Diff(c.want, marked(r)); diff != "" {
				t.Errorf("(-want +have):\n%s", diff)
			}
			if want := !strings.HasPrefix(c.name, "an error"); r.Complete != want {
				t.Errorf("complete: %v", r.Complete)
			}
		})
	}
}

// TestNoEnvironment reads without an environment: an unset variable is not known.
func TestNoEnvironment(t *testing.T) {
	r := Read(Script{Text: "a $U \"$U\" ${U:-x}; U=1; b $U; unset U; c $U; cd; d", Args: []string{"x" + Unknown, UnknownWords}, Dir: "/work"})
	if diff := cmp.Diff("a ~~ ~ ~~\nb 1\nunset U\nc\ncd\nd\n", marked(r)); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
	if last := r.Commands[5]; last.Dir != "" {
		t.Errorf("the directory is %q", last.Dir)
	}
	r = Read(Script{Text: `a $1 "$1" $2 "$3" $#; shift; b "$@"; shift 3; c "$@"`, Args: []string{"x" + Unknown, "y", UnknownWords, "z"}})
	if diff := cmp.Diff("a x~ x~ y ~ ~\nshift\nb y ~~ z\nshift 3\nc ~~\n", marked(r)); diff != "" {
		t.Errorf("arguments (-want +have):\n%s", diff)
	}
}

// TestCommand checks the fields of a command other than its words.
func TestCommand(t *testing.T) {
	r := Read(Script{Dir: "/work", Env: environment(map[string]string{"PATH": "/bin", "K": "k"}), Path: activate, Text: `A=1
export B=2 A
A=3
cd sub && PATH=/own:$PATH C=$(x) a   $Y >log \
  "b c" 2>&1
. ../venv/bin/activate
unset K
cat <<-END
	text $A $(y)
	END
cat <<'END' <&0
$A
END
cat <<<"$A b"
f() {
  b
}
f
`})
	assignments := []Assignment{
		{Name: "B", Value: "2", Known: true, Exported: true},
		{Name: "A", Value: "3", Known: true, Exported: true},
		{Name: "PATH", Value: "/work/venv/bin:/bin", Known: true, Exported: true},
	}
	short := []Assignment{{Name: "A", Value: "1", Known: true}}
	unset := []string{"K"}
	sub := Command{Dir: "/work/sub", Before: assignments, Unset: unset}
	with := func(c Command, line int, text string, words ...string) Command {
		c.Words, c.Text, c.Line = words, text, line
		return c
	}
	here := func(c Command, text string, line int) Command {
		c.Here = HereDocument{text, line}
		return c
	}
	captured, conditional := sub, Command{Dir: "/work/sub", Before: []Assignment{{Name: "A", Value: "3", Known: true, Exported: true}, assignments[0]}}
	captured.Captured = true
	conditional.Conditional = true
	conditionalX := conditional
	conditionalX.Captured = true
	conditionalX.Before = append(conditionalX.Before[:2:2], Assignment{Name: "PATH", Value: "/own:/bin", Known: true, Exported: true})
	conditional.Own = []Assignment{
		{Name: "PATH", Value: "/own:/bin", Known: true, Exported: true},
		{Name: "C", Value: Unknown, Exported: true},
	}
	want := []Command{
		{Words: []string{"export", "B=2", "A"}, Text: "export B=2 A", Line: 2, Dir: "/work", Before: short},
		{Words: []string{"cd", "sub"}, Text: "cd sub", Line: 4, Dir: "/work", Before: conditional.Before},
		with(conditionalX, 4, "x", "x"),
		with(conditional, 4, `a $Y "b c"`, "a", "b c"),
		{Words: []string{".", "../venv/bin/activate"}, Text: ". ../venv/bin/activate", Line: 6, Dir: "/work/sub", Before: conditional.Before},
		{Words: []string{"unset", "K"}, Text: "unset K", Line: 7, Dir: "/work/sub", Before: assignments},
		with(captured, 9, "y", "y"),
		here(with(sub, 8, "cat", "cat"), "text 3 "+Unknown+"\n", 8),
		here(with(sub, 11, "cat", "cat"), "$A\n", 11),
		here(with(sub, 14, "cat", "cat"), "3 b\n", 14),
		with(sub, 16, "b", "b"),
	}
	byName := cmpopts.SortSlices(func(a, b Assignment) bool { return a.Name < b.Name })
	if diff := cmp.Diff(want, r.Commands, cmpopts.EquateEmpty(), byName); diff != "" {
		t.Fatalf("(-want +have):\n%s", diff)
	}
	for name, want := range map[string]string{"PATH": "/own:/bin", "A": "3", "B": "2"} {
		if have, ok := r.Commands[3].Variable(name); !ok || have != want {
			t.Errorf("%s: want %q, have %q, %v", name, want, have, ok)
		}
	}
	if value, ok := r.Commands[0].Variable("B"); ok {
		t.Errorf("B is %q before it is set", value)
	}
}

func activate(words []string, dir, path string) (string, bool) {
	if strings.HasSuffix(words[1], "/activate") {
		return dir[:strings.LastIndex(dir, "/")] + strings.TrimSuffix(strings.TrimPrefix(words[1], ".."), "/activate") + ":" + path, true
	}
	if words[1] == "activate" {
		return "/conda/" + words[2] + ":" + path, true
	}
	return "", false
}

// TestExports has what "set" exports of the variables that follow it.
func TestExports(t *testing.T) {
	for text, want := range map[string]bool{
		"A=1; a":                                     false,
		"set -a; A=1; a":                             true,
		"set -ea; A=1; a":                            true,
		"set -a; set +a; A=1; a":                     false,
		"set -a; A=1; set +a; a":                     true,
		"set -o allexport; A=1; a":                   true,
		"set -o allexport; set +o allexport; A=1; a": false,
		"set -o pipefail; A=1; a":                    false,
		"set -- -a; A=1; a":                          false,
	} {
		r := Read(Script{Text: text})
		last, got := r.Commands[len(r.Commands)-1], false
		for _, a := range last.Before {
			got = got || a.Name == "A" && a.Exported
		}
		if got != want {
			t.Errorf("%q: A is exported: %v", text, got)
		}
	}
}

// TestSource follows sourced files.
func TestSource(t *testing.T) {
	files := map[string]string{
		"/work/env.sh":     "export A=1\na $1 $BASH_SOURCE\nreturn\nb\n",
		"/work/lib/f.sh":   "f() { c \"$A\"; }\n. $(dirname ${BASH_SOURCE[0]})/g.sh",
		"/work/lib/g.sh":   "G=$1",
		"/work/self.sh":    ". ./self.sh",
		"/work/exit.sh":    "exit 1",
		"/work/archive.sh": "a\n" + strings.Repeat("#", MaxText),
	}
	source := func(file string) (string, bool) {
		text, ok := files[file]
		return text, ok
	}
	for _, c := range []struct {
		text, want, unread string
		complete           bool
	}{
		{"source env.sh x; d $1 $A", "source env.sh x\nexport A=1\na x /work/env.sh\nreturn\nd one 1\n", "", true},
		{". lib/f.sh; f; d $G", ". lib/f.sh\n$dirname /work/lib/f.sh\n. /work/lib/g.sh\nc \nd one\n", "", true},
		{". ./none.sh; . $X/y; d", ". ./none.sh\n. ~/y\nd\n", "/work/none.sh ~/y", true},
		{". $(x)/y; d", "$x\n. ~/y\nd\n", "~/y", true},
		{". ./exit.sh; d", ". ./exit.sh\nexit 1\n", "", true},
		{". ./self.sh; d", strings.Repeat(". ./self.sh\n", maxDepth), "", false},
		{". ./archive.sh; d", ". ./archive.sh\na\n", "", false},
		{"conda activate x; d $PATH", "conda activate x\nd /conda/x:/bin\n", "", true},
		{"command . ./env.sh", "command . ./env.sh\nexport A=1\na one /work/env.sh\nreturn\n", "", true},
	} {
		r := Read(Script{Text: c.text, Args: []string{"one"}, Dir: "/work", Env: environment(map[string]string{"PATH": "/bin"}), Source: source, Path: activate})
		unread := strings.ReplaceAll(strings.Join(r.Unread, " "), Unknown, "~")
		if diff := cmp.Diff(c.want, marked(r)); diff != "" || unread != c.unread || r.Complete != c.complete {
			t.Errorf("%q: complete %v, unread %q (-want +have):\n%s", c.text, r.Complete, unread, diff)
		}
	}
}

// TestHarmless has commands that prepare or tidy up, and other commands.
func TestHarmless(t *testing.T) {
	for line, want := range map[string]bool{
		"echo x": true, "cd x": true, "module load x": true, "conda activate x": true, "conda run -n x python y": false,
		"/bin/cp a b": true, "env": true, "env python x": false, "spack load x": true, "spack install x": false, "pip install x": true,
		"[ -n x ]": true, "timeout 5 x": false, "srun x": false, "xargs x": false, "make": false, "git clone x": true, "command -v x": true,
		"find . -name x": true, "find . -exec ./a {} ;": false, "find . -exec rm {} +": true, "find . -ok rm {} ; -execdir a {} ;": false, "find . -exec": false,
		"awk {print}": true, "awk BEGIN{system(\"a\")}": false, "wandb login": true, "wandb launch-agent": false, "pyenv local 3": true, "pyenv exec a": false,
		"direnv allow": true, "direnv exec . a": false, "ssh-agent -s": true, "ssh-agent a": false, "shopt -s nullglob": true, "shopt -s expand_aliases": false,
		"tree": true, "wandb launch x": false, "wandb agent x": false, "spack env activate x": true, "spack build-env x -- a": false,
		"command python x": false, "nproc": true, "python x": false, UnknownWords: false, Unknown + " x": false, "./": false,
	} {
		if have := Harmless(strings.Split(line, " ")); have != want {
			t.Errorf("%q: have %v", line, have)
		}
	}
	if Harmless([]string{""}) {
		t.Error("an empty word is no command")
	}
}

// TestPipes distinguishes the pipelines of a script. Commands of one pipeline run at the
// same time.
func TestPipes(t *testing.T) {
	have := map[string]int{}
	for _, c := range Read(Script{Text: "a | b; c; f() { d; e | g; }; f | h", Dir: "/"}).Commands {
		have[c.Words[0]] = c.Pipe
	}
	if diff := cmp.Diff(map[string]int{"a": 1, "b": 1, "c": 0, "d": 2, "e": 2, "g": 2, "h": 2}, have); diff != "" {
		t.Errorf("(-want +have):\n%s", diff)
	}
}
