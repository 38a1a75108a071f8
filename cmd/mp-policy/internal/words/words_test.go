// SPDX-License-Identifier: MIT

package words

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/evaluation"
)

// TestThisIsTheShims reads the table as the shim's own sources compile it.
func TestThisIsTheShims(t *testing.T) {
	out := filepath.Join(t.TempDir(), "identity.so")
	cmd := exec.Command("cc", "-shared", "-fPIC", `-DMP_ENGINE_PATH=""`, "../../../../cshim/identity.c", "-o", out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, text)
	}
	f, err := elf.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := f.Section(".mp_policy").Data()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(This, Read(strings.Split(string(text), "\x00"))); diff != "" {
		t.Errorf("cshim/config.h has -, words.This +:\n%s", diff)
	}
}

func TestParse(t *testing.T) {
	for word, want := range map[string]bool{
		"lib=/a": true, "lib=a": false, "lib=": false, "lib": false,
		"deadline=1": true, "deadline=10000": true, "deadline=0": false, "deadline=10001": false, "deadline=+1": false, "deadline=1 ": false,
		"default=off": true, "default=": false, "default=on|off": false, "default": false,
		"hints=on": true, "hints=hint": false, "colour=blue": false, "": false, "=": false,
	} {
		if _, _, taken := This.Parse(word); taken != want {
			t.Errorf("%q: taken %v, want %v", word, taken, want)
		}
	}
}

// TestDocumented: docs/administrators.md has a row of each word, with its values and its
// default, and mp_policy(8) names it.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/administrators.md")
	if err != nil {
		t.Fatal(err)
	}
	manual, err := os.ReadFile("../../../../docs/man/mp_policy.8")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range This {
		name, values, _ := strings.Cut(w.Form, "=")
		item := ".It Ic " + name + " Ns = Ns "
		if strings.Contains(values, "|") {
			item += "Cm " + strings.ReplaceAll(values, "|", " | ") + "\n"
		}
		if !strings.Contains(string(manual), item) {
			t.Errorf("mp_policy(8) has no %q", item)
		}
		form, _, _ := strings.Cut(w.Form, " ")
		row := regexp.QuoteMeta("| `"+strings.ReplaceAll(form, "|", `\|`)+"` | ") + ".*" + regexp.QuoteMeta(w.Standard) + "`? \\|\n"
		if !regexp.MustCompile(row).Match(text) {
			t.Errorf("no row %s", row)
		}
	}
}

// TestStandardPolicy holds the name of the site's policy file in the engine against the
// table.
func TestStandardPolicy(t *testing.T) {
	if have := This.Standard("config"); have != evaluation.StandardPolicy {
		t.Errorf("the table has %s, the engine %s", have, evaluation.StandardPolicy)
	}
}
