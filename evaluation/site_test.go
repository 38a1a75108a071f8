// SPDX-License-Identifier: MIT

package evaluation

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slurm-mp-policy/policy"
)

func TestRulesKnowTheJob(t *testing.T) {
	r := request(t)
	r.Tasks, r.LocalTasks = 8, 2
	// getenv(3) finds the first of two entries with the same name
	r.Env = append(r.Env, "SLURM_JOB_PARTITION=long", "SLURM_JOB_ACCOUNT=physics", "SLURM_JOB_QOS=low", "SLURM_JOB_QOS=high")
	site, err := policy.Parse("site", `
rule a partition=long
  set PARTITION 1
rule b account=physics
  set ACCOUNT 1
rule c qos=low
  set QOS 1
rule d tasks=8
  set TASKS {tasks}
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := Prepare(r)
	e.AddRules(site)
	got := set(e.Decide([]Task{{Mask: mask(t, "0")}})[0])
	for name, want := range map[string]string{"PARTITION": "1", "ACCOUNT": "1", "QOS": "1", "TASKS": "8"} {
		if got[name] != want {
			t.Errorf("%s: want %q, got %q", name, want, got[name])
		}
	}
}

func TestTrusted(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a file that is root's")
	}
	dir, err := os.MkdirTemp("/var/lib", "mp-policy-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	good := filepath.Join(dir, "good.conf")
	at := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, "")
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := func(name, to string) string {
		path := at(name, 0o644)
		if err := errors.Join(os.Remove(path), os.Symlink(to, path)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	at("good.conf", 0o644)
	elsewhere := filepath.Join(t.TempDir(), "x.conf") // below a directory that everybody may write to
	write(t, elsewhere, "")
	for path, want := range map[string]string{
		good:                               "",
		link("link.conf", good):            "",
		at("group.conf", 0o664):            "group.conf has mode 0664",
		at("all.conf", 0o646):              "all.conf has mode 0646",
		at("open/x.conf", 0o644):           "/open has mode 0770",
		link("open/link.conf", good):       "/open has mode 0770",
		at("other.conf", 0o644):            "other.conf is not owned by root",
		link("other-link.conf", good):      "other-link.conf is not owned by root",
		link("out.conf", elsewhere):        "has mode 0777",
		filepath.Join(dir, "no/such.conf"): "no such file",
	} {
		err := errors.Join(os.Chmod(filepath.Join(dir, "open"), 0o770), os.Lchown(filepath.Join(dir, "other.conf"), 1, 0),
			os.Lchown(filepath.Join(dir, "other-link.conf"), 1, 0))
		if err != nil {
			t.Fatal(err)
		}
		_, err = trusted(path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", path, want, err)
		}
	}
}

func TestSitePolicy(t *testing.T) {
	if _, err := Site(filepath.Join(t.TempDir(), "none")); err != nil {
		t.Errorf("no file is no error: %v", err)
	}
	file := filepath.Join(t.TempDir(), "mp_policy.conf")
	write(t, file, "rule a\n set A 1\n")
	// the temporary directory is below one that everybody may write
	if _, err := Site(file); err == nil || !strings.Contains(err.Error(), "nobody but root may write it") {
		t.Errorf("below /tmp: %v", err)
	}
	if _, err := Site("mp_policy.conf"); err == nil || !strings.Contains(err.Error(), "not an absolute path") {
		t.Errorf("a relative path: %v", err)
	}
	if _, err := trusted("/etc/passwd"); err != nil {
		t.Errorf("/etc/passwd: %v", err)
	}
	if _, err := Site("/etc"); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a directory: %v", err)
	}
}

func TestEachErrorIsALine(t *testing.T) {
	e := &Evaluation{}
	e.warn(errors.Join(errors.New("one"), errors.New("two"), errors.New("one")))
	if diff := cmp.Diff([]string{"one", "two"}, e.Warnings); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	for i := range 20 {
		e.warn(errors.New(strconv.Itoa(i)))
	}
	if len(e.Warnings) != 8 {
		t.Errorf("%d lines", len(e.Warnings))
	}
}

func TestIncluded(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"site.conf": "include d/*.conf\ninclude d/none\ninclude nowhere/*.conf\nrule a off\n",
		"d/1.conf":  "rule a\n set A 1\nrule b\n set B 2\n",
		"d/.1.conf": "not for the pattern\n",
		"d/2.conf":  "rule c\n set C 3\n",
		"d/3.conf":  strings.Repeat("# long\n", maxSite/7),
	} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		write(t, filepath.Join(dir, name), text)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "d/4.conf"), 0o644); err != nil {
		t.Fatal(err)
	}
	check := func(path string) (string, error) {
		if strings.HasSuffix(path, "2.conf") {
			return "", errors.New(path + " is not owned by root")
		}
		return path, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, "site.conf"))
	if err != nil {
		t.Fatal(err)
	}
	site, err := policy.Parse(filepath.Join(dir, "site.conf"), string(text), Included(check))
	for _, not := range []string{"d/.1.conf", "nowhere"} {
		if err != nil && strings.Contains(err.Error(), not) {
			t.Errorf("%q in %v", not, err)
		}
	}
	for _, want := range []string{
		"d/2.conf is not owned by root: ", "d/3.conf: longer than", "d/4.conf: not a regular file: ", "d/none: no such file",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	var rules policy.Rules
	rules.Add(site)
	var got []string
	for _, s := range rules.Decide(policy.Facts{Env: map[string]string{}}).Settings {
		got = append(got, s.Name)
	}
	if diff := cmp.Diff([]string{"B"}, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	// a missing directory is not an error, like a missing file
	if files, err := Included(trusted)("/etc/mp-policy-nowhere/*.conf"); len(files) > 0 || err != nil {
		t.Errorf("no directory: %v", err)
	}
	// a directory that others may write to is not read
	if _, err := Included(trusted)(filepath.Join(dir, "d/*.conf")); err == nil || !strings.Contains(err.Error(), "nobody but root may write it") {
		t.Errorf("below /tmp: %v", err)
	}
}

func TestNamesOfUserAndGroups(t *testing.T) {
	r := request(t)
	r.Root = t.TempDir()
	if err := os.Mkdir(filepath.Join(r.Root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(r.Root, "etc/passwd"), "root:x:0:0::/root:/bin/sh\nanna:x:1000:100::/home/anna:/bin/sh\nbroken:1000\n")
	write(t, filepath.Join(r.Root, "etc/group"), "users:x:100:\nproj7:x:7000:anna\nother:x:7001:\n")
	r.UID, r.GID, r.Groups = 1000, 100, []int{100, 7000, 9}
	e := Prepare(r)
	e.env["SLURM_JOB_USER"] = "anna.b"
	if diff := cmp.Diff([]string{"1000", "anna", "anna.b"}, e.users()); diff != "" {
		t.Errorf("users: want -, got +:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"100", "7000", "9", "users", "proj7"}, e.groups()); diff != "" {
		t.Errorf("groups: want -, got +:\n%s", diff)
	}
}

// TestMissingPolicyFile has a line of plugstack.conf with a config= file that does not
// exist.
func TestMissingPolicyFile(t *testing.T) {
	for path, want := range map[string]int{StandardPolicy + ".missing": 1, "": 0} {
		r := request(t)
		r.Config = path
		if e := Prepare(r); len(e.Warnings) != want {
			t.Errorf("%q: warnings %q", path, e.Warnings)
		}
	}
}
