// SPDX-License-Identifier: MIT

package doctor

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// host is a directory with the /etc and /usr of one.
type host struct {
	*testing.T
	root string
}

func (h host) write(name, text string) {
	h.Helper()
	name = filepath.Join(h.root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		h.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		h.Fatal(err)
	}
}

func (h host) remove(name string) {
	h.Helper()
	if err := os.Remove(filepath.Join(h.root, name)); err != nil {
		h.Fatal(err)
	}
}

func (h host) chmod(name string, mode os.FileMode) {
	h.Helper()
	if err := os.Chmod(filepath.Join(h.root, name), mode); err != nil {
		h.Fatal(err)
	}
}

func (h host) link(target, name string) {
	h.Helper()
	name = filepath.Join(h.root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		h.Fatal(err)
	}
	if err := os.Symlink(target, name); err != nil {
		h.Fatal(err)
	}
}

// compiled are the libraries that there are already, by how they were made.
var compiled = map[string][]byte{}

// compile makes a library of one of testdata/programs.
func (h host) compile(program, name string, defines ...string) {
	h.Helper()
	out := filepath.Join(h.TempDir(), "library.so")
	args := []string{"-shared", "-fPIC", "testdata/programs/" + program}
	for _, define := range defines {
		args = append(args, "-D"+define)
	}
	key := strings.Join(args, " ")
	if compiled[key] == nil {
		if text, err := exec.Command("cc", append(args, "-o", out)...).CombinedOutput(); err != nil {
			h.Fatalf("cc: %v\n%s", err, text)
		}
		library, err := os.ReadFile(out)
		if err != nil {
			h.Fatal(err)
		}
		compiled[key] = library
	}
	h.write(name, string(compiled[key]))
	h.chmod(name, 0o755)
}

const (
	stackFile  = "/etc/slurm/plugstack.conf"
	lineFile   = "/etc/slurm/plugstack.conf.d/mp_policy.conf"
	shimFile   = "/usr/lib64/slurm/mp_policy.so"
	engineFile = "/usr/lib/slurm-mp-policy/libmp_policy.so"
	policyFile = "/etc/slurm/mp_policy.conf"
)

// healthy is a node on which everything is as it should be.
func healthy(t *testing.T) host {
	t.Helper()
	h := host{t, t.TempDir()}
	if err := os.Chmod(h.root, 0o755); err != nil {
		t.Fatal(err)
	}
	h.write("/usr/sbin/slurmd", "")
	h.write("/etc/slurm/slurm.conf", "ClusterName=x # a comment\nPluginDir=/usr/lib64/slurm\nSlurmdParameters=a,b\n")
	h.write(stackFile, "# comment\n\ninclude plugstack.conf.d/*.conf\n")
	h.write(lineFile, "optional mp_policy.so deadline=300\n")
	h.write(policyFile, "rule \"ours\" node=knl\n set KMP_AFFINITY none\n")
	h.compile("shim.c", shimFile, "VERSION=0x160508", "ABI=1")
	h.compile("engine.c", engineFile, "ABI=1")
	return h
}

func (h host) options() Options {
	return Options{Prefix: h.root, Version: "22.05.8", Owner: os.Getuid()}
}

// words writes the plugin's line with these, of a plugin that has default=observe and log=.
func (h host) words(words ...string) {
	h.Helper()
	h.compile("shim.c", shimFile, "VERSION=0x160508", "ABI=1", "LOG")
	h.write(lineFile, "optional mp_policy.so "+strings.Join(words, " ")+"\n")
}

func show(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s: %s (%s%s)\n", f.Level, f.What, f.Text, f.Do, f.Type)
	}
	return b.String()
}
