// SPDX-License-Identifier: MIT

// Package packages tests what make install, dist, rpm and deb make. The files of
// testdata are in the language of
// https://pkg.go.dev/github.com/rogpeppe/go-internal/testscript, with these
// variables:
//
//	PROJECT  the project's directory
//	VERSION  of the project
//	SLURM    major.minor of the compiler's Slurm, four digits
//	SONAME   of its libslurm
//	ARCHIVE  the source archive that make dist has made
//	RELEASE  of Debian, for testdata/deb
//
// testdata/install is quick. The others build packages, which takes minutes, and
// need root, rpm's and Debian's tools, and for testdata/deb a Debian mirror: make
// test-packages runs them.
package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"slurm-mp-policy/policy"
)

// project is the path of the project's directory.
func project(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// output runs a command in the project's directory.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stderr = project(t), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	return strings.TrimSpace(string(out))
}

func run(t *testing.T, dir string, more ...string) {
	dist := filepath.Join(project(t), "build", "dist")
	version := output(t, "cat", "VERSION")
	vars := append(more, "PROJECT="+project(t), "VERSION="+version,
		"SLURM="+output(t, "packaging/slurm-facts", "version"), "SONAME="+output(t, "packaging/slurm-facts", "soname"),
		"ARCHIVE="+filepath.Join(dist, "slurm-mp-policy-"+version+".tar.gz"))
	// a script's own HOME does not exist
	for _, name := range []string{"GOPATH", "GOCACHE", "GOMODCACHE"} {
		vars = append(vars, name+"="+output(t, "go", "env", name))
	}
	for _, name := range []string{
		"MATRIX_CACHE", "MATRIX_MIRROR", "SSL_CERT_FILE",
		"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
	} {
		if value, ok := os.LookupEnv(name); ok {
			vars = append(vars, name+"="+value)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", dir),
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, vars...)
			return nil
		},
	})
}

func needPackagers(t *testing.T) {
	if os.Getenv("MP_POLICY_TEST_PACKAGES") == "" {
		t.Skip("builds packages, which takes minutes; make test-packages runs it")
	}
}

func TestInstall(t *testing.T) { run(t, "install") }

func TestPackages(t *testing.T) {
	needPackagers(t)
	run(t, "packages")
}

func TestDebian(t *testing.T) {
	needPackagers(t)
	releases := os.Getenv("MP_POLICY_TEST_RELEASES")
	if releases == "" {
		releases = "bookworm trixie sid"
	}
	with := filepath.Join(t.TempDir(), "with-cluster")
	output(t, "env", "CGO_ENABLED=0", "go", "build", "-o", with, "./tests/cmd/with-cluster")
	for release := range strings.FieldsSeq(releases) {
		t.Run(release, func(t *testing.T) { run(t, "deb", "RELEASE="+release, "WITHCLUSTER="+with) })
	}
}

// The policy file that is installed changes nothing, and the rules that it
// proposes can be read.
func TestShippedPolicy(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(project(t), "packaging", "mp_policy.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := counting(string(text)); lines != nil {
		t.Errorf("lines that are no comments: %q", lines)
	}
	var proposed strings.Builder
	for line := range strings.Lines(string(text)) {
		// "# " begins a comment, "#rule" and "#    set" a line to be used
		if rest, ok := strings.CutPrefix(line, "#"); ok && (strings.HasPrefix(rest, "rule") || strings.HasPrefix(rest, "  ")) {
			proposed.WriteString(rest)
		}
	}
	site, err := policy.Parse("mp_policy.conf", proposed.String(), nil)
	if err != nil || proposed.Len() == 0 {
		t.Fatalf("the proposed rules: error %v:\n%s", err, proposed.String())
	}
	// they do what the comments say, all of it
	rules, err := policy.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	rules.Add(site)
	facts := policy.Facts{
		Node: []string{"x86_64", "knl"}, Workload: []string{"multiprocessing", "python"}, Partition: "legacy", Affinity: "fix",
		CPUs: 4, Workers: 4, Tasks: 1, Env: map[string]string{"OMP_PROC_BIND": "false"},
	}
	for _, s := range rules.Decide(facts).Settings {
		if strings.HasSuffix(s.Name, "_NUM_THREADS") || s.Name == "KMP_AFFINITY" {
			t.Errorf("%s is set in the partition for programs with threads of their own, or beside OMP_PROC_BIND", s.Name)
		}
	}
	facts.Partition, facts.Env = "other", map[string]string{}
	got := map[string]string{}
	for _, s := range rules.Decide(facts).Settings {
		got[s.Name] = s.Value
	}
	for name, want := range map[string]string{"OMP_NUM_THREADS": "1", "KMP_AFFINITY": "none"} {
		if got[name] != want {
			t.Errorf("%s=%q elsewhere, want %q", name, got[name], want)
		}
	}
}

// counting returns the lines that are neither empty nor comments.
func counting(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines
}

// A file that Slurm's plugstack.conf includes has exactly one line that counts.
func TestShippedPlugstackLine(t *testing.T) {
	for file, want := range map[string]string{
		"plugstack.conf":         "optional mp_policy.so",
		"plugstack-observe.conf": "optional mp_policy.so default=observe log=all",
	} {
		text, err := os.ReadFile(filepath.Join(project(t), "packaging", file))
		if err != nil {
			t.Fatal(err)
		}
		lines := counting(string(text))
		if len(lines) != 1 || lines[0] != want {
			t.Errorf("%s: lines that count: %q, want %q", file, lines, want)
		}
	}
}

// Who gets the binaries gets the licence of each module in them.
func TestLicences(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "licences")
	output(t, "packaging/licences", dir)
	modules := output(t, "go", "version", "-m", "build/libmp_policy.so", "build/mp-policy")
	n := 0
	for line := range strings.Lines(modules) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "dep" {
			continue
		}
		n++
		if files, _ := filepath.Glob(filepath.Join(dir, fields[1], "*")); len(files) == 0 {
			t.Errorf("no licence of %s", fields[1])
		}
	}
	if n == 0 {
		t.Errorf("no module in what make has built:\n%s", modules)
	}
	if _, err := os.Stat(filepath.Join(dir, "go", "LICENSE")); err != nil {
		t.Error(err)
	}
}

// debian/copyright names each module that the source archive has in vendor/.
func TestDebianCopyright(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(project(t), "packaging", "deb", "copyright"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(project(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	modules := regexp.MustCompile(`(?m)^\s+(\S+?)(?:/v[0-9]+)? v[0-9]`).FindAllStringSubmatch(string(mod), -1)
	if len(modules) == 0 {
		t.Error("no module in go.mod")
	}
	for _, m := range modules {
		module := m[1]
		if strings.HasPrefix(module, "golang.org/x/") {
			module = "golang.org/x"
		}
		if !strings.Contains(string(text), "vendor/"+module+"/*\n") {
			t.Errorf("vendor/%s/* is not in packaging/deb/copyright", module)
		}
	}
}
