// SPDX-License-Identifier: MIT

// Package doctor examines the installation of the plugin on a host: the files that Slurm will read
// and load, who could have written them, and whether their versions match. It only reads, and starts
// only commands that print a version or load a library.
package doctor

import (
	"fmt"
	"os"
	"strings"

	"slurm-mp-policy/cmd/mp-policy/internal/lint"
	"slurm-mp-policy/cmd/mp-policy/internal/site"
	"slurm-mp-policy/cmd/mp-policy/internal/words"
	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/plaintext"
	"slurm-mp-policy/policy"
)

// Roles of a host.
const (
	Node   = "node"   // slurmd runs jobs on it
	Submit = "submit" // jobs are only started from it
)

// The files of the packages that are linked into the directory that plugstack.conf includes: one
// switches the plugin on, and with the other one it only observes.
const (
	example        = "/usr/share/slurm-mp-policy/plugstack.conf.d/mp_policy.conf"
	observeExample = "/usr/share/slurm-mp-policy/plugstack.conf.d/mp_policy-observe.conf"
)

// Options are the places to look at. All paths except Prefix are paths on the host, and are looked
// up below Prefix.
type Options struct {
	Prefix    string // "" or "/" for this host; else a directory with /etc and /usr of another host
	SlurmConf string // "": where Slurm looks
	Plugstack string // "": where slurm.conf says
	PluginDir string // "": where slurm.conf says
	Version   string // of Slurm; "": ask its commands
	Role      string // "": a node where slurmd is installed
	On        bool   // a plugin that is not switched on is a fault
	Owner     int    // the user who must own the loaded files: 0, except for tests
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
	notOn    bool     // plugstack.conf was read, and has no line for the plugin
	dirs     []string // see pluginDirs
}

// Examine looks at everything, in the order in which a step meets it.
func Examine(o Options) Report {
	d := &doctor{Options: o}
	if d.Prefix == "/" {
		d.Prefix = ""
	}
	d.findRole()
	d.findConfig()
	d.findVersion()
	d.lookAtStack()
	d.lookAtShim()
	d.lookAtWords()
	d.lookAtEngine()
	rules, read := d.lookAtPolicy()
	d.lookAtSwitch()
	if d.Role == Node {
		d.lookAtBreaker()
	}
	d.lookAtParameters()
	d.lookAtTaskProlog(rules)
	d.lookAtOthers(rules)
	if d.Role == Node && d.Prefix == "" && read {
		d.evaluate(rules)
	}
	return d.report()
}

func (d *doctor) add(level, what, do, format string, args ...any) {
	d.findings = append(d.findings, Finding{Level: level, What: what, Text: fmt.Sprintf(format, args...), Do: do})
}

// addCommand is add for a finding that a command mends.
func (d *doctor) addCommand(level, what, command, format string, args ...any) {
	d.findings = append(d.findings, Finding{Level: level, What: what, Text: fmt.Sprintf(format, args...), Type: command})
}

// addProblem is add with the problem's text last.
func (d *doctor) addProblem(level, what string, p *problem, format string, args ...any) {
	text := fmt.Sprintf(format, args...) + p.text
	d.findings = append(d.findings, Finding{Level: level, What: what, Text: text, Do: p.do, Type: p.command})
}

// The host's paths, see site.Host.
func (d *doctor) at(path string) string     { return d.host().At(path) }
func (d *doctor) real(path string) string   { return d.host().Real(path) }
func (d *doctor) inside(path string) string { return d.host().Inside(path) }
func (d *doctor) exists(path string) bool   { return d.host().Exists(path) }

func (d *doctor) host() site.Host { return site.Host{Prefix: d.Prefix} }

// ourLine returns the place of the plugin's line, or the place for it.
func (d *doctor) ourLine() string {
	if d.line == nil {
		return "the plugin's line in plugstack.conf"
	}
	return d.line.Source()
}

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

// engineLevel returns the level of a fault of the engine. A host that only starts jobs does not
// load the engine.
func (d *doctor) engineLevel() string {
	if d.Role == Node {
		return Fail
	}
	return Note
}

// lookAtWords checks the words after the plugin's name against the table in the installed plugin.
func (d *doctor) lookAtWords() {
	table := words.This
	if d.shim != nil && d.shim.words != nil {
		table = d.shim.words
	}
	if d.line == nil {
		d.words = site.Words{}
		return
	}
	var ignored []string
	d.words, ignored = site.ParseWords(table, d.line.Words)
	for _, word := range ignored {
		d.add(Warn, "words", "allowed are "+table.Allowed(), "%s: the plugin ignores %q", d.line.Source(), word)
	}
	switch d.words["default"] {
	case "off":
		d.add(Note, "words", "", "default=off: only steps that ask for it with --mp-policy or MP_POLICY get the policy")
	case "observe":
		d.add(Note, "words", "", "default=observe: each step is decided and nothing is set, unless its user asks for it")
		if d.words.Value("log") == "off" {
			d.add(Warn, "words", "write log=all on "+d.line.Source(), "default=observe without log=: slurmd's log does not show what would be set")
		}
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
		d.addProblem(Fail, what, problem, "the plugin refuses %s, and the built-in rules hold: ", path)
		return policy.Rules{}, true
	}
	if problem := d.unreadable(path); problem != nil {
		d.addProblem(Fail, what, problem, "the evaluation runs as the job's user and cannot read %s: ", path)
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
		d.add(Fail, what, "mp-policy check "+path+" prints all that is wrong in its text", "%s: %s, the first: %s", path, plaintext.Plural(len(lines), "error"), lines[0])
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
		d.add(Warn, what, "mp-policy check "+path+" prints them", "%s: %s about what is legal and looks wrong", path, plaintext.Plural(warnings, "warning"))
	} else {
		d.add(OK, what, "", "%s: %s of the site's", path, plaintext.Plural(len(rules.All()), "rule"))
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
				return "", fmt.Errorf("%s (%s)", problem.text, problem.do+problem.command)
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

func (d *doctor) lookAtSwitch() {
	switch {
	case !d.exists(site.KillSwitch):
		d.add(OK, "kill switch", "", "%s is not there", site.KillSwitch)
	case d.notOn:
		d.addCommand(Warn, "kill switch", "rm "+site.KillSwitch, "%s is there: switched on, the plugin does nothing on this host", site.KillSwitch)
	default:
		d.addCommand(Fail, "kill switch", "rm "+site.KillSwitch, "%s is there: the plugin does nothing on this host", site.KillSwitch)
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
	r := evaluation.DefaultRequest()
	r.Affinity = d.words.Value("affinity")
	r.Deadline = d.words.Deadline()
	r.Dir, r.UID, r.GID = "/", os.Getuid(), os.Getgid()
	r.Argv = []string{"python3", "-c", "import multiprocessing\nmultiprocessing.Pool()"}
	r.Env = []string{"PATH=/usr/bin:/bin"}
	done := stopwatch()
	e := evaluation.Prepare(r)
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
