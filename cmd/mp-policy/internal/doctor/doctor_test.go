// SPDX-License-Identifier: MIT

package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/policy"
)

func TestHealthy(t *testing.T) {
	h := healthy(t)
	findings := Examine(h.options()).Findings
	for _, f := range findings {
		if f.Level != OK {
			t.Errorf("not ok: %s", show([]Finding{f}))
		}
	}
	for _, what := range []string{"slurm.conf", "Slurm", "plugstack.conf", "plugin", "engine", "policy file", "kill switch", "late evaluations"} {
		if !strings.Contains(show(findings), "ok "+what+": ") {
			t.Errorf("nothing of %s in\n%s", what, show(findings))
		}
	}
}

// TestBroken breaks a healthy node in one way after the other. want is the level,
// the thing, and a part of what is said and of what is to be done.
func TestBroken(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(h host, o *Options)
		want []string // level what, then parts of text and advice
	}{
		"no plugstack.conf": {
			func(h host, _ *Options) { h.remove(stackFile) },
			[]string{"note plugstack.conf", "not switched on: /etc/slurm/plugstack.conf is not there", "write the line: optional mp_policy.so default=observe log=all"},
		},
		"the named plugstack.conf is not there": {
			func(_ host, o *Options) { o.Plugstack = "/etc/none.conf" },
			[]string{"fail plugstack.conf", "/etc/none.conf is not there", "correct the name"},
		},
		"no line": {
			func(h host, _ *Options) { h.write(lineFile, "optional other.so\n") },
			[]string{"note plugstack.conf", "not switched on: /etc/slurm/plugstack.conf and the 1 file that it includes have no line for mp_policy.so", "write the line: optional mp_policy.so default=observe log=all"},
		},
		"a comment": {
			func(h host, _ *Options) { h.write(lineFile, "# optional mp_policy.so\n") },
			[]string{"note plugstack.conf", "not switched on: the plugin's line is a comment: " + lineFile + ":1", "take the # away"},
		},
		"not included": {
			func(h host, _ *Options) { h.write(stackFile, "optional other.so\n") },
			[]string{"fail plugstack.conf", lineFile + ":1 has a line for the plugin, and /etc/slurm/plugstack.conf does not include the file", "include " + lineFile},
		},
		"includes nothing": {
			func(h host, _ *Options) { h.remove(lineFile) },
			[]string{"note plugstack.conf", "not switched on: /etc/slurm/plugstack.conf has no line for mp_policy.so", "write the line"},
		},
		"not linked": {
			func(h host, _ *Options) {
				h.remove(lineFile)
				h.write(observeExample, "optional mp_policy.so default=observe log=all\n")
			},
			[]string{"note plugstack.conf", "not switched on: /etc/slurm/plugstack.conf:3 includes plugstack.conf.d/*.conf", "ln -sf " + observeExample + " " + lineFile},
		},
		"nothing included": {
			func(h host, _ *Options) {
				h.remove(lineFile)
				h.write(stackFile, "optional other.so\n")
				h.write(observeExample, "optional mp_policy.so default=observe log=all\n")
			},
			[]string{"note plugstack.conf", "not switched on", "write the line: include " + observeExample + "; later, mp_policy.conf in its place"},
		},
		"to be switched on": {
			func(h host, o *Options) {
				h.write(lineFile, "optional other.so\n")
				o.On = true
			},
			[]string{"fail plugstack.conf", "not switched on", "write the line"},
		},
		"includes itself": {
			func(h host, _ *Options) { h.write(stackFile, "include plugstack.conf\n") },
			[]string{"fail plugstack.conf", "more than 256 files", "correct the includes"},
		},
		"absolute include": {
			func(h host, _ *Options) {
				h.write(stackFile, "include /etc/slurm/plugstack.conf.d/mp_*.conf\nrequired mp_policy.so\n")
			},
			[]string{"fail plugstack.conf", "there 2 times, at " + lineFile + ":1 and /etc/slurm/plugstack.conf:2", "keep one"},
		},
		"required": {
			func(h host, _ *Options) { h.write(lineFile, "required mp_policy.so\n") },
			[]string{"warn plugstack.conf", "no job can be started", "write optional"},
		},
		"invalid line": {
			func(h host, _ *Options) {
				h.write(stackFile, "optionl mp_policy.so\ninclude plugstack.conf.d/*.conf\n")
			},
			[]string{"warn plugstack.conf", "/etc/slurm/plugstack.conf:1: Slurm ignores the line", "want required, optional or include"},
		},
		"PlugStackConfig": {
			func(h host, _ *Options) { h.write("/etc/slurm/slurm.conf", "PlugStackConfig=/etc/other.conf\n") },
			[]string{"fail plugstack.conf", "/etc/other.conf is not there", ""},
		},
		"PlugStackConfig in an include": {
			func(h host, _ *Options) {
				h.write("/etc/slurm/slurm.conf", "Include more.conf\n")
				h.write("/etc/slurm/more.conf", "plugstackconfig = /etc/more.conf\n")
			},
			[]string{"fail plugstack.conf", "/etc/more.conf is not there", ""},
		},
		"plugstack.conf of others": {
			func(h host, _ *Options) { h.chmod(lineFile, 0o666) },
			[]string{"warn plugstack.conf", lineFile + " has mode 0666: others than root may write it", "chmod go-w " + lineFile},
		},
		"words": {
			func(h host, _ *Options) {
				h.write(lineFile, "optional mp_policy.so lib=x fast deadline=99999 hints=no\n")
			},
			[]string{"warn words", `the plugin ignores "lib=x"`, "allowed are lib=PATH (absolute), config=PATH (absolute), deadline=MS (1 to 10000), default=on|off|never, "},
		},
		"default off": {
			func(h host, _ *Options) { h.write(lineFile, "optional mp_policy.so default=off\n") },
			[]string{"note words", "default=off: only steps that ask for it", ""},
		},
		"default observe": {
			func(h host, _ *Options) { h.words("default=observe", "log=all") },
			[]string{"note words", "default=observe: each step is decided and nothing is set", ""},
		},
		"observed without a log": {
			func(h host, _ *Options) { h.words("default=observe") },
			[]string{"warn words", "slurmd's log does not show", "write log=all on " + lineFile + ":1"},
		},
		"a word that only the installed plugin has": {
			func(h host, _ *Options) { h.write(lineFile, "optional mp_policy.so default=never hints=on\n") },
			[]string{"warn words", `the plugin ignores "hints=on"`, "affinity=fix|hint|off"},
		},
		"no plugin": {
			func(h host, _ *Options) { h.remove(shimFile) },
			[]string{"fail plugin", "which is in none of /usr/lib64/slurm", "install the plugin"},
		},
		"no plugin at the absolute path": {
			func(h host, _ *Options) { h.write(lineFile, "optional /opt/mp_policy.so\n") },
			[]string{"fail plugin", "names /opt/mp_policy.so, which is not there", "install the plugin"},
		},
		"plugin for another Slurm": {
			func(h host, _ *Options) { h.compile("shim.c", shimFile, "VERSION=0x180b05", "ABI=1") },
			[]string{"fail plugin", "is built for Slurm 24.11; Slurm 22.05.8 refuses it", "built for Slurm 22.05"},
		},
		"Slurm upgraded": {
			func(_ host, o *Options) { o.Version = "26.05.3" },
			[]string{"fail plugin", "is built for Slurm 22.05; Slurm 26.05.3 refuses it", "built for Slurm 26.05"},
		},
		"Slurm not known": {
			func(_ host, o *Options) { o.Version = "" },
			[]string{"warn Slurm", "no command of Slurm's tells its version", "--slurm-version"},
		},
		"plugin is no library": {
			func(h host, _ *Options) { h.write(shimFile, strings.Repeat("text", 64)) },
			[]string{"fail plugin", "cannot be loaded: bad magic number", "install the plugin again"},
		},
		"plugin is another library": {
			func(h host, _ *Options) { h.compile("engine.c", shimFile, "ABI=1") },
			[]string{"fail plugin", "is no plugin of Slurm's", ""},
		},
		"plugin of others": {
			func(h host, _ *Options) { h.chmod("/usr/lib64/slurm", 0o777) },
			[]string{"warn plugin", "/usr/lib64/slurm has mode 0777", "chmod go-w /usr/lib64/slurm"},
		},
		"plugin for root alone": {
			func(h host, _ *Options) { h.chmod(shimFile, 0o700) },
			[]string{"fail plugin", shimFile + " has mode 0700: users cannot read it", "chmod a+r"},
		},
		"no engine": {
			func(h host, _ *Options) { h.remove(engineFile) },
			[]string{"fail engine", engineFile + " is not there", "lib=PATH on " + lineFile + ":1"},
		},
		"engine elsewhere": {
			func(h host, _ *Options) { h.write(lineFile, "optional mp_policy.so lib=/opt/engine.so\n") },
			[]string{"fail engine", "/opt/engine.so is not there", "install the engine"},
		},
		"engine of another ABI": {
			func(h host, _ *Options) { h.compile("engine.c", engineFile, "ABI=2") },
			[]string{"fail engine", "has ABI 2, " + shimFile + " has 1", "install the two from one package"},
		},
		"engine is the plugin": {
			func(h host, _ *Options) { h.write(lineFile, "optional mp_policy.so lib="+shimFile+"\n") },
			[]string{"fail engine", "is no engine of this plugin", "correct lib="},
		},
		"engine for another system": {
			func(h host, _ *Options) { h.compile("engine.c", engineFile, "ABI=1", "NEEDS") },
			[]string{"fail engine", "cannot be loaded: ", "built for this system"},
		},
		"engine of others": {
			func(h host, _ *Options) { h.chmod(engineFile, 0o775) },
			[]string{"fail engine", "the plugin refuses it: " + engineFile + " has mode 0775", "chmod go-w"},
		},
		"engine where everybody writes": {
			func(h host, _ *Options) { h.chmod(filepath.Dir(engineFile), 0o777|os.ModeSticky) },
			[]string{"fail engine", "is a directory that everybody may write to", "move libmp_policy.so to one that root alone may write to"},
		},
		"engine of another user": {
			func(h host, o *Options) { o.Owner = os.Getuid() + 1 },
			[]string{"fail engine", "the plugin refuses it: " + engineFile + " is owned by uid", "chown root"},
		},
		"engine behind a link": {
			func(h host, _ *Options) {
				h.compile("engine.c", "/srv/libmp_policy.so", "ABI=1")
				h.chmod("/srv", 0o777)
				h.remove(engineFile)
				if err := os.Symlink("../../../srv/libmp_policy.so", filepath.Join(h.root, engineFile)); err != nil {
					h.Fatal(err)
				}
			},
			[]string{"fail engine", "/srv has mode 0777", "chmod go-w /srv"},
		},
		"engine for root alone": {
			func(h host, _ *Options) { h.chmod(filepath.Dir(engineFile), 0o700) },
			[]string{"fail engine", "has mode 0700: users cannot enter it", "chmod a+x"},
		},
		"policy of others": {
			func(h host, _ *Options) { h.chmod(policyFile, 0o664) },
			[]string{"fail policy file", "refuses " + policyFile, "chmod go-w " + policyFile},
		},
		"policy for root alone": {
			func(h host, _ *Options) { h.chmod(policyFile, 0o600) },
			[]string{"fail policy file", "runs as the job's user and cannot read", "chmod a+r"},
		},
		"policy with errors": {
			func(h host, _ *Options) { h.write(policyFile, "rule a\n put B 1\n sett C 1\n") },
			[]string{"fail policy file", ": 2 errors, the first: " + policyFile + ":2: no such action", "mp-policy check"},
		},
		"policy with warnings": {
			func(h host, _ *Options) { h.write(policyFile, "rule a\n set OMP_THREAD_LIMIT 1\n") },
			[]string{"warn policy file", "1 warning about what is legal and looks wrong", "mp-policy check"},
		},
		"policy that includes a user's": {
			func(h host, _ *Options) {
				h.write(policyFile, "include policy.d/*.conf\n")
				h.write("/etc/slurm/policy.d/a.conf", "rule a\n set B 1\n")
				h.chmod("/etc/slurm/policy.d/a.conf", 0o666)
			},
			[]string{"fail policy file", "1 error, the first: " + policyFile + ":1: /etc/slurm/policy.d/a.conf has mode 0666", "mp-policy check"},
		},
		"policy that includes what users cannot read": {
			func(h host, _ *Options) {
				h.write(policyFile, "include a.conf\n")
				h.write("/etc/slurm/a.conf", "rule a\n set B 1\n")
				h.chmod("/etc/slurm/a.conf", 0o600)
			},
			[]string{"fail policy file", "/etc/slurm/a.conf has mode 0600: users cannot read it (chmod a+r", ""},
		},
		"policy is a directory": {
			func(h host, _ *Options) {
				h.remove(policyFile)
				h.write(policyFile+"/x", "")
			},
			[]string{"fail policy file", "the built-in rules hold: ", "make it a regular file"},
		},
		"policy is a FIFO": {
			func(h host, _ *Options) {
				h.remove(policyFile)
				if err := unix.Mkfifo(filepath.Join(h.root, policyFile), 0o644); err != nil {
					h.Fatal(err)
				}
			},
			[]string{"fail policy file", "the built-in rules hold: ", "make it a regular file"},
		},
		"policy that config= names": {
			func(h host, _ *Options) { h.write(lineFile, "optional mp_policy.so config=/etc/nowhere.conf\n") },
			[]string{"warn policy file", "/etc/nowhere.conf is not there", "take config= out of"},
		},
		"kill switch": {
			func(h host, _ *Options) { h.write("/etc/slurm/mp_policy.off", "") },
			[]string{"fail kill switch", "the plugin does nothing on this host", "rm /etc/slurm/mp_policy.off"},
		},
		"configless": {
			func(h host, _ *Options) {
				h.write("/etc/slurm/slurm.conf", "PluginDir=/usr/lib64/slurm\nSlurmctldParameters=x,enable_configless\n")
			},
			[]string{"warn configless", "includes plugstack.conf.d/*.conf, which is not sent to the nodes", "include an absolute path"},
		},
		"configless node": {
			func(h host, _ *Options) {
				h.remove("/etc/slurm/slurm.conf")
				h.write("/run/slurm/conf/slurm.conf", "PluginDir=/usr/lib64/slurm\n")
				h.write("/run/slurm/conf/plugstack.conf", "optional mp_policy.so\n")
			},
			[]string{"note configless", "have to be on each", ""},
		},
		"contain_spank": {
			func(h host, _ *Options) {
				h.write("/etc/slurm/slurm.conf", "PluginDir=/usr/lib64/slurm\nSlurmdParameters=x,contain_spank\n")
			},
			[]string{"note contain_spank", "works under it", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := healthy(t)
			o := h.options()
			test.do(h, &o)
			findings := Examine(o).Findings
			for _, f := range findings {
				if f.Level+" "+f.What == test.want[0] && strings.Contains(f.Text, test.want[1]) && strings.Contains(f.Do+f.Type, test.want[2]) {
					if f.Level == Fail && f.Do+f.Type == "" {
						t.Errorf("nothing to do: %s", f.Text)
					}
					return
				}
			}
			t.Errorf("want %q in\n%s", test.want, show(findings))
		})
	}
}

// TestLinked: the line is behind the link that the documentation shows, and the
// directory of the plugins behind one that is relative.
func TestLinked(t *testing.T) {
	h := healthy(t)
	h.remove(lineFile)
	h.write(example, "optional mp_policy.so\n")
	h.link(example, lineFile)
	h.link("lib64", "/usr/lib65")
	h.write("/etc/slurm/slurm.conf", "PluginDir=/usr/lib65/slurm\n")
	h.write(policyFile, "include policy.d/*.conf\n")
	h.write("/srv/policy.d/a.conf", "rule a\n set B 1\n")
	h.link("/srv/policy.d", "/etc/slurm/policy.d")
	findings := Examine(h.options()).Findings
	for _, f := range findings {
		if f.Level != OK {
			t.Errorf("not ok: %s", show([]Finding{f}))
		}
	}
	if !strings.Contains(show(findings), policyFile+": 1 rule of the site's") {
		t.Errorf("the included policy was not read:\n%s", show(findings))
	}
	h.chmod("/srv", 0o777)
	if got := show(Examine(h.options()).Findings); !strings.Contains(got, "/srv has mode 0777") {
		t.Errorf("nothing of who may write behind a link:\n%s", got)
	}
}

// TestRefusedPolicy: what the plugin refuses is not called right beside that.
func TestRefusedPolicy(t *testing.T) {
	for _, mode := range []os.FileMode{0o666, 0o600} {
		h := healthy(t)
		h.chmod(policyFile, mode)
		if got := show(Examine(h.options()).Findings); strings.Contains(got, "ok policy file") {
			t.Errorf("%v: %s", mode, got)
		}
	}
}

// TestSticky: what is root's in such a directory is nobody else's to change.
func TestSticky(t *testing.T) {
	h := healthy(t)
	h.chmod("/usr/lib64/slurm", 0o777|os.ModeSticky)
	h.chmod("/etc/slurm/plugstack.conf.d", 0o777|os.ModeSticky)
	for _, f := range Examine(h.options()).Findings {
		if f.Level != OK {
			t.Errorf("not ok: %s", show([]Finding{f}))
		}
	}
}

// TestSubmitHost: where no step runs, the engine is nobody's concern.
func TestSubmitHost(t *testing.T) {
	h := healthy(t)
	h.remove("/usr/sbin/slurmd")
	h.remove(engineFile)
	for _, f := range Examine(h.options()).Findings {
		if f.Level != OK {
			t.Errorf("not ok: %s", show([]Finding{f}))
		}
	}
}

func TestEvaluate(t *testing.T) {
	d := &doctor{}
	d.evaluate(policy.Rules{})
	if got := show(d.findings); !strings.HasPrefix(got, "ok evaluation: a program with a pool of processes gets ") {
		t.Errorf("%s", got)
	}
}
