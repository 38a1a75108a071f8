// SPDX-License-Identifier: MIT

package policy

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shelf holds files by their names. It returns them in the order of their names.
func shelf(files ...File) Load {
	return func(pattern string) (found []File, err error) {
		for _, f := range files {
			if ok, _ := path.Match(pattern, f.Name); ok {
				found = append(found, f)
			}
		}
		if len(found) == 0 && !strings.Contains(pattern, "*") {
			err = fmt.Errorf("%s: no such file", pattern)
		}
		return found, err
	}
}

func TestInclude(t *testing.T) {
	load := shelf(
		File{Name: "/etc/slurm/d/10-a.conf", Text: "rule one\nset A a\nrule two\nset B b"},
		File{Name: "/etc/slurm/d/20-b.conf", Text: "rule one\nset A later\nrule \"CPUs of the task\" off\ninclude more/c"},
		File{Name: "/etc/slurm/d/more/c", Text: "rule three\nset C c"},
	)
	site, err := Parse("/etc/slurm/mp_policy.conf", "include d/*.conf\ninclude d/*.conf\ninclude none*\nrule two off\nrule four\nset D d", load)
	if err != nil {
		t.Fatal(err)
	}
	rules := builtinRules(t)
	rules.Add(site)
	var got []string
	for _, s := range rules.Decide(Facts{CPUs: 4, Tasks: 1, Env: map[string]string{}}).Settings {
		got = append(got, s.Name+"="+s.Value+" "+s.Source)
	}
	// A rule of a later file replaces the rule with the same name of an earlier file, at
	// the same place. To read a file again changes nothing.
	want := []string{"A=later /etc/slurm/d/20-b.conf:2", "C=c /etc/slurm/d/more/c:2", "D=d /etc/slurm/mp_policy.conf:6"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestOffAndThenAnew(t *testing.T) {
	load := shelf(File{Name: "/more", Text: "rule a\nset A 2"})
	site, err := Parse("/f", "rule a off\ninclude more", load)
	if err != nil {
		t.Fatal(err)
	}
	rules, _ := Parse("/builtin", "rule a\nset A 1\nrule b\nset A 9", nil)
	rules.Add(site)
	// a rule that is off loses its place, so the new rule comes after the others
	if got := rules.Decide(Facts{Env: map[string]string{}}).Settings[0].Source; got != "/more:2" {
		t.Errorf("want /more:2, got %s", got)
	}
}

func TestIncludeErrors(t *testing.T) {
	many := []File{{Name: "/deep", Text: "include deep2"}, {Name: "/deep2", Text: "include /deep"}, {Name: "/self", Text: "include self\nrule a\nset A 1"}}
	for i := range maxFiles + 10 {
		text := ""
		if i >= maxFiles-2 { // the last file that is read, and the files after it
			text = "x"
		}
		many = append(many, File{Name: "/many/" + strconv.Itoa(i), Text: text})
	}
	for i := range maxDepth + 2 {
		many = append(many, File{Name: "/stair" + strconv.Itoa(i), Text: "include stair" + strconv.Itoa(i+1)})
	}
	many = append(many, File{Name: "/faulty", Text: "rule a\nput A 1"})
	load := shelf(many...)
	for _, test := range []struct{ text, want string }{
		{"include", `/f:1: include takes the path of one file, which may have * in its last part: "include"`},
		{"include a b", `/f:1: include takes the path of one file, which may have * in its last part: "include a b"`},
		{"include none", `/f:1: /none: no such file: "include none"`},
		{"include /self", `/self:1: /self includes itself: "include self"`},
		{"include /deep", `/deep2:1: /deep includes itself: "include /deep"`},
		{"include /stair0", `/stair6:1: more than 8 files deep: "include stair7"`},
		{"include /many/*", "/many/62:1: no line begins with \"x\"; there are rule, include and values, and below a rule set, force, append, unset, hint, note, reason, leave: \"x\"\n" + `/f:1: more than 64 files: "include /many/*"`},
		{"rule a\nset A 1\ninclude /ma*\nset B 1", `/f:4: an action below no rule: "set B 1"`},
		{"include faulty\nset B 1", "/faulty:2: no line begins with \"put\"; there are rule, include and values, and below a rule set, force, append, unset, hint, note, reason, leave: \"put A 1\"\n" + `/f:2: an action below no rule: "set B 1"`},
	} {
		_, err := Parse("/f", test.text, load)
		if err == nil {
			t.Errorf("%q: no error", test.text)
		} else if diff := cmp.Diff(test.want, err.Error()); diff != "" {
			t.Errorf("%q: want -, got +:\n%s", test.text, diff)
		}
	}
	both := func(string) ([]File, error) {
		return []File{{Name: "/g", Text: "rule a\nset A 1"}}, errors.Join(errors.New("x is not root's"), errors.New("y is not root's"))
	}
	rules, err := Parse("/f", "include *", both)
	if want := "/f:1: x is not root's: \"include *\"\n/f:1: y is not root's: \"include *\""; err == nil || err.Error() != want {
		t.Errorf("want %s, got %v", want, err)
	}
	if len(rules.Decide(Facts{Env: map[string]string{}}).Settings) != 1 {
		t.Error("what could be read does not stand")
	}
}
