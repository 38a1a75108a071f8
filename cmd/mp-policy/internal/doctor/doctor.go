// SPDX-License-Identifier: MIT

// Package doctor looks whether the plugin is set up right on a host: what Slurm
// will read and load, who could have written it, and whether it fits together. It reads, and
// starts no more than what prints a version or loads a library.
package doctor

import (
	"fmt"
	"os"
	"strings"

	"slurm-mp-policy/cmd/mp-policy/internal/lint"
	"slurm-mp-policy/cmd/mp-policy/internal/site"
	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
)

// Levels of a Finding.
const (
	OK   = "ok"
	Note = "note" // worth knowing
	Warn = "warn" // works, and should be otherwise
	Fail = "FAIL" // keeps the plugin, or a part of it, from working
)

// Finding is the result of looking at one thing.
type Finding struct {
	Level string
	What  string // the thing
	Text  string // how it is
	Do    string // what to do, "" where there is nothing to do
}

// Roles of a host.
const (
	Node   = "node"   // slurmd runs jobs on it
	Submit = "submit" // jobs are only started from it
)

// example is what the packages bring to be linked to where plugstack.conf includes files.
const example = "/usr/share/slurm-mp-policy/plugstack.conf.d/mp_policy.conf"

// Options say where to look. All paths but Prefix are as the host has them, and
// are looked up below Prefix.
type Options struct {
	Prefix    string // "" or "/" for this host; else a folder with another's /etc and /usr
	SlurmConf string // "": where Slurm looks
	Plugstack string // "": where slurm.conf says
	PluginDir string // "": where slurm.conf says
	Version   string // of Slurm; "": ask its commands
	Role      string // "": a node where slurmd is installed
	Owner     int    // who must own what is loaded: 0, but for tests
}

// doctor is one examination.
type doctor struct {
	Options
	findings []Finding
	conf     site.Config // of Slurm
	stack    *site.Stack // of plugstack.conf
	line     *site.Line  // the plugin's
	words    site.Words  // on that line
	shim     *library
}

// Examine looks at everything, in the order in which a step meets it.
func Examine(o Options) []Finding {
	d := &doctor{Options: o}
	if d.Prefix == "/" {
		d.Prefix = ""
	}
	d.findRole()
	d.findConfig()
	d.findVersion()
	d.lookAtStack()
	if d.line != nil {
		d.lookAtWords()
		d.lookAtShim()
		d.lookAtEngine()
	}
	rules, read := d.lookAtPolicy()
	d.lookAtSwitch()
	d.lookAtParameters()
	d.lookAtTaskProlog()
	if d.Role == Node && d.Prefix == "" && read {
		d.evaluate(rules)
	}
	return d.findings
}

func (d *doctor) add(level, what, do, format string, args ...any) {
	d.findings = append(d.findings, Finding{level, what, fmt.Sprintf(format, args...), do})
}

// The host's paths, see site.Host.
func (d *doctor) at(path string) string     { return d.host().At(path) }
func (d *doctor) real(path string) string   { return d.host().Real(path) }
func (d *doctor) inside(path string) string { return d.host().Inside(path) }
func (d *doctor) exists(path string) bool   { return d.host().Exists(path) }

func (d *doctor) host() site.Host { return site.Host{Prefix: d.Prefix} }

func (d *doctor) findRole() {
	if d.Role != "" {
		return
	}
	d.Role = Submit
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/sbin", "/opt/slurm/sbin", "/usr/local/slurm/sbin"} {
		if d.exists(dir + "/slurmd") {
			d.Role = Node
		}
	}
}

// engineLevel is what a fault of the engine means here: a host that only starts
// jobs does not load it.
func (d *doctor) engineLevel() string {
	if d.Role == Node {
		return Fail
	}
	return Note
}

// lookAtWords looks at the words behind the plugin's name.
func (d *doctor) lookAtWords() {
	var ignored []string
	d.words, ignored = site.ParseWords(d.line.Words)
	for _, word := range ignored {
		d.add(Warn, "words", "allowed are "+site.AllowedWords, "%s: the plugin ignores %q", d.line.Source(), word)
	}
	if d.words["default"] == "off" {
		d.add(Note, "words", "", "default=off: only steps that ask for it with --mp-policy or MP_POLICY get the policy")
	}
}

// lookAtPolicy looks at the site's policy file, and returns its rules.
func (d *doctor) lookAtPolicy() (policy.Rules, bool) {
	const what = "policy file"
	_, named := d.words["config"]
	path := d.words.Value("config")
	if _, err := os.Stat(d.at(path)); os.IsNotExist(err) {
		if named {
			d.add(Warn, what, "write the file, or take config= out of "+d.line.Source(), "%s is not there: the built-in rules hold", path)
		} else {
			d.add(OK, what, "", "%s is not there, and need not be: the built-in rules hold", path)
		}
		return policy.Rules{}, true
	}
	if problem := d.untrusted(path); problem != nil {
		d.add(Fail, what, problem.do, "the plugin refuses %s, and the built-in rules hold: %s", path, problem.text)
		return policy.Rules{}, true
	}
	if problem := d.unreadable(path); problem != nil {
		d.add(Fail, what, problem.do, "the evaluation runs as the job's user and cannot read %s: %s", path, problem.text)
		return policy.Rules{}, true
	}
	files, err := d.policyLoad()(path)
	if err != nil || len(files) != 1 {
		d.add(Fail, what, "make it a regular file of at most 1 MiB", "the plugin does not read %s, and the built-in rules hold: %v", path, err)
		return policy.Rules{}, true
	}
	rules, err := policy.Parse(path, files[0].Text, d.policyLoad())
	if err != nil {
		lines := strings.Split(err.Error(), "\n")
		d.add(Fail, what, "mp-policy check "+path+" prints all that is wrong in its text", "%s: %s, the first: %s", path, plural(len(lines), "error"), lines[0])
		return rules, true
	}
	builtin, err := policy.Builtin()
	if err != nil {
		d.add(Fail, what, "report it", "the built-in rules: %v", err)
		return rules, false
	}
	warnings := 0
	for _, f := range lint.Check(builtin, rules, true) {
		if f.Level == lint.Warning {
			warnings++
		}
	}
	if warnings > 0 {
		d.add(Warn, what, "mp-policy check "+path+" prints them", "%s: %s about what is legal and looks wrong", path, plural(warnings, "warning"))
	} else {
		d.add(OK, what, "", "%s: %s of the site's", path, plural(len(rules.All()), "rule"))
	}
	return rules, true
}

// policyLoad reads policy files as the plugin does: those that it trusts and every
// user can read.
func (d *doctor) policyLoad() policy.Load {
	load := evaluation.Included(func(name string) (string, error) {
		path := d.inside(name)
		for _, problem := range []*problem{d.untrusted(path), d.unreadable(path)} {
			if problem != nil {
				return "", fmt.Errorf("%s (%s)", problem.text, problem.do)
			}
		}
		return name, nil
	})
	return func(pattern string) ([]policy.File, error) {
		files, err := load(d.at(pattern))
		for i := range files {
			files[i].Name = d.inside(files[i].Name)
		}
		return files, err
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func (d *doctor) lookAtSwitch() {
	if d.exists(site.KillSwitch) {
		d.add(Fail, "kill switch", "rm "+site.KillSwitch, "%s is there: the plugin does nothing on this host", site.KillSwitch)
	} else {
		d.add(OK, "kill switch", "", "%s is not there", site.KillSwitch)
	}
}

// evaluate decides for a small program, as the engine would, in this process.
func (d *doctor) evaluate(rules policy.Rules) {
	const what = "evaluation"
	node := nodeinfo.New("/")
	mask, err := node.OnlineCPUs()
	if err != nil {
		d.add(Fail, what, "are /proc and /sys mounted?", "the CPUs cannot be read: %v", err)
		return
	}
	done := stopwatch()
	e := evaluation.Prepare(evaluation.Request{
		Root: "/", Default: true, Affinity: d.words.Value("affinity"), Kind: "step", Dir: "/", Tasks: 1, LocalTasks: 1,
		Argv: []string{"python3", "-c", "import multiprocessing\nmultiprocessing.Pool()"},
		Env:  []string{"PATH=/usr/bin:/bin"}, UID: os.Getuid(), GID: os.Getgid(),
	})
	e.AddRules(rules)
	result := e.Decide([]evaluation.Task{{Mask: mask}})[0]
	took := done()
	if len(e.Warnings) > 0 {
		d.add(Warn, what, "if this file should be there, report it with mp-policy record", "%s", e.Warnings[0])
	}
	if len(result.Settings) == 0 {
		d.add(Warn, what, "mp-policy rules prints what is in force", "a program with a pool of processes gets nothing")
		return
	}
	d.add(OK, what, "", "a program with a pool of processes gets %d variables, decided in %s", len(result.Settings), took)
}
