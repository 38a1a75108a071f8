// SPDX-License-Identifier: MIT

package doctor

import (
	"os"
	"strings"
	"testing"
)

// TestBeforeOn: after the installation the host is right, and it is said that no line is in
// force. What would keep the plugin from working is a fault already.
func TestBeforeOn(t *testing.T) {
	before := func(t *testing.T) host {
		h := healthy(t)
		h.remove(lineFile)
		h.write(example, "optional mp_policy.so\n")
		h.write(observeExample, "optional mp_policy.so default=observe log=all\n")
		return h
	}
	for name, test := range map[string]struct {
		do    func(h host, o *Options)
		state string
		fault string // level and what of one finding
	}{
		"right":                  {func(host, *Options) {}, NotOn, "note plugstack.conf"},
		"no plugstack.conf":      {func(h host, _ *Options) { h.remove(stackFile) }, NotOn, "note plugstack.conf"},
		"demanded":               {func(_ host, o *Options) { o.On = true }, Faulty, "fail plugstack.conf"},
		"kill switch":            {func(h host, _ *Options) { h.write("/etc/slurm/mp_policy.off", "") }, NotOn, "warn kill switch"},
		"no plugin":              {func(h host, _ *Options) { h.remove(shimFile) }, Faulty, "fail plugin"},
		"plugin of others":       {func(h host, _ *Options) { h.chmod("/usr/lib64/slurm", 0o777) }, NotOn, "warn plugin"},
		"plugin for other Slurm": {func(_ host, o *Options) { o.Version = "24.11.5" }, Faulty, "fail plugin"},
		"no engine":              {func(h host, _ *Options) { h.remove(engineFile) }, Faulty, "fail engine"},
		"engine of others":       {func(h host, _ *Options) { h.chmod(engineFile, 0o775) }, Faulty, "fail engine"},
		"engine of another ABI":  {func(h host, _ *Options) { h.compile("engine.c", engineFile, "ABI=2") }, Faulty, "fail engine"},
		"policy of others":       {func(h host, _ *Options) { h.chmod(policyFile, 0o664) }, Faulty, "fail policy file"},
		"policy with errors":     {func(h host, _ *Options) { h.write(policyFile, "rule a\n put B 1\n") }, Faulty, "fail policy file"},
	} {
		t.Run(name, func(t *testing.T) {
			h := before(t)
			o := h.options()
			test.do(h, &o)
			r := Examine(o)
			if r.State != test.state || r.On || (r.Faults > 0) != (r.State == Faulty) {
				t.Errorf("state %q, on %v, %d faults, want %q", r.State, r.On, r.Faults, test.state)
			}
			if text := show(r.Findings); !strings.Contains(text, test.fault+": ") {
				t.Errorf("no %q in\n%s", test.fault, text)
			}
		})
	}
}

// TestShippedLines goes the way that doctor advises, with the lines that the packages bring:
// first the plugin only looks, and then it is switched on.
func TestShippedLines(t *testing.T) {
	h := healthy(t)
	h.words() // for a plugin that has the words
	h.remove(lineFile)
	for shipped, file := range map[string]string{example: "plugstack.conf", observeExample: "plugstack-observe.conf"} {
		text, err := os.ReadFile("../../../../packaging/" + file)
		if err != nil {
			t.Fatal(err)
		}
		h.write(shipped, string(text))
	}
	advised := show(Examine(h.options()).Findings)
	if !strings.Contains(advised, "ln -sf "+observeExample+" "+lineFile+")") || !strings.Contains(advised, "the same link to "+example) {
		t.Errorf("not the advice to link the two, one after the other:\n%s", advised)
	}
	h.link(observeExample, lineFile)
	r := Examine(h.options())
	if text := show(r.Findings); r.State != Right || !strings.Contains(text, "note words: default=observe") || !strings.Contains(text, "mp_policy.so default=observe log=all (") {
		t.Errorf("observed: state %q\n%s", r.State, text)
	}
	h.remove(lineFile)
	h.link(example, lineFile)
	r = Examine(h.options())
	if text := show(r.Findings); r.State != Right || strings.Contains(text, "note") || strings.Contains(text, "mp_policy.so default=") {
		t.Errorf("switched on: state %q\n%s", r.State, text)
	}
}

// TestStates: what is in force.
func TestStates(t *testing.T) {
	for name, test := range map[string]struct {
		do    func(h host)
		state string
		wrong int
	}{
		"right":   {func(host) {}, Right, 0},
		"warned":  {func(h host) { h.write(lineFile, "required mp_policy.so\n") }, Warned, 1},
		"faulty":  {func(h host) { h.remove(engineFile) }, Faulty, 1},
		"both":    {func(h host) { h.remove(engineFile); h.write(lineFile, "required mp_policy.so\n") }, Faulty, 2},
		"a note":  {func(h host) { h.write(lineFile, "optional mp_policy.so default=off\n") }, Right, 0},
		"no line": {func(h host) { h.remove(lineFile) }, NotOn, 0},
	} {
		h := healthy(t)
		test.do(h)
		r := Examine(h.options())
		if r.State != test.state || len(r.Wrong()) != test.wrong || r.Faults+r.Warnings != test.wrong || r.On == (test.state == NotOn) {
			t.Errorf("%s: state %q, on %v, want %q with %d wrong\n%s", name, r.State, r.On, test.state, test.wrong, show(r.Findings))
		}
	}
}
