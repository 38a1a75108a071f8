// SPDX-License-Identifier: MIT

package evaluation

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"slurm-mp-policy/policy"
)

// TestWordsOfTheVariable compares MP_POLICY, which inner steps inherit from sbatch, with
// the step's own option.
func TestWordsOfTheVariable(t *testing.T) {
	const words = "workers=2,mpi"
	python := []string{"python3", "-c", "1"}
	other := []string{"/no/such/program"}
	for _, test := range []struct {
		name, kind, option, variable string
		argv                         []string
		holds                        bool
	}{
		{"variable, Python", "step", "", words, python, true},
		{"variable, no Python", "step", "", words, other, false},
		{"variable and explain, no Python", "step", "explain", words, other, false},
		{"option, no Python", "step", words, "", other, true},
		{"both, no Python", "step", words, words, other, true},
		{"variable, batch", "batch", "", words, other, true},
		{"variable, interactive", "interactive", "", words, other, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := request(t)
			r.Kind, r.Option, r.Argv = test.kind, test.option, test.argv
			if test.variable != "" {
				r.Env = append(r.Env, "MP_POLICY="+test.variable)
			}
			e := PrepareOn(machine(t, "0-7"), r)
			rules, err := policy.Parse("site", `
rule counted workers=2
  set COUNTED yes
rule MPI workload=mpi
  set MPI yes
rule pool workload=multiprocessing
  set POOL yes
`, nil)
			if err != nil {
				t.Fatal(err)
			}
			e.AddRules(rules)
			got := set(e.Decide([]Task{{Mask: mask(t, "0-7")}})[0])
			for _, name := range []string{"COUNTED", "MPI", "POOL"} {
				if (got[name] == "yes") != test.holds {
					t.Errorf("%s=%q; want it only if the words hold: %v", name, got[name], test.holds)
				}
			}
		})
	}
}

func TestChoice(t *testing.T) {
	for _, test := range []struct {
		option, variable string
		def              string
		want             string // OMP_NUM_THREADS for 8 CPUs and a Pool(4)
		says             string
	}{
		{"", "", "on", "2", ""},
		{"", "", "off", "", ""},
		{"", "on", "off", "2", ""},
		{"on", "off", "off", "2", ""},
		{"off", "on", "on", "", ""},
		{"", "off", "on", "", ""},
		{"workers=2", "workers=4", "on", "4", ""},
		{"explain", "off", "on", "", "mp-policy: off      MP_POLICY says so"},
		{"explain", "workers=2", "on", "4", "mp-policy: node "},
		{"explain", "", "off", "", "mp-policy: off      the site's default is off; --mp-policy=on turns it on"},
		{"off,explain", "on", "on", "", "mp-policy: off      --no-mp-policy or --mp-policy says so"},
		{"bind", "", "on", "2", ""},
		{"", "bind", "off", "2", ""},
		{"", "workers=2,workers=4", "on", "2", "mp-policy: MP_POLICY=workers=2,workers=4 is ignored: workers=N is given twice, with 2 and with 4"},
		{"", "", "observe", "", ""},
		{"auto", "", "observe", "", ""},
		{"", "on", "observe", "2", ""},
		{"workers=2", "", "observe", "4", ""},
		{"explain", "", "observe", "", "mp-policy: node "},
		{"off", "", "observe", "", ""},
		{"", "quick", "on", "2", `mp-policy: MP_POLICY=quick is ignored: "quick" is not a word of it`},
	} {
		r := request(t)
		r.Option, r.Default = test.option, test.def
		if test.variable != "" {
			r.Env = append(r.Env, "MP_POLICY="+test.variable)
		}
		result := Prepare(r).Decide([]Task{{Mask: mask(t, "0-7")}})[0]
		if got := set(result)["OMP_NUM_THREADS"]; got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
		if got := strings.Join(result.Messages, "\n"); !strings.HasPrefix(got, test.says) || (got == "") != (test.says == "") {
			t.Errorf("%+v: said %q", test, got)
		}
	}
}

// With the word bind, a binding that the user has set stays on every kind of node. If the
// user has set none, there is nothing to keep.
func TestBindKeepsTheUsersBinding(t *testing.T) {
	for _, test := range []struct {
		variable, option string // MP_POLICY and --mp-policy
		env              []string
		node             []string
		want             map[string]string // the variables of binding, "-" if one is removed
	}{
		{"", "bind", []string{"OMP_PLACES=cores", "OMP_PROC_BIND=close"}, nil, nil},
		{"", "bind,workers=2,explain", []string{"GOMP_CPU_AFFINITY=0-3"}, nil, nil},
		{"bind", "", []string{"KMP_AFFINITY=compact"}, nil, nil},
		{"bind", "explain", []string{"OMP_PLACES=cores"}, nil, nil},
		{"bind", "mpi", []string{"OMP_PLACES=cores"}, nil, map[string]string{"OMP_PLACES": "-", "OMP_PROC_BIND": "false"}},
		{"", "", []string{"OMP_PLACES=cores"}, nil, map[string]string{"OMP_PLACES": "-", "OMP_PROC_BIND": "false"}},
		{"", "bind", nil, nil, map[string]string{"OMP_PROC_BIND": "false"}},
		{"", "bind", []string{"OMP_PROC_BIND=true"}, []string{"knl"}, nil},
		{"", "bind", []string{"KMP_AFFINITY=compact"}, []string{"knl"}, nil},
		{"", "bind", []string{"OMP_PLACES=cores"}, []string{"knl"}, nil},
		{"", "bind", nil, []string{"knl"}, map[string]string{"KMP_AFFINITY": "disabled"}},
	} {
		r := request(t)
		r.Option = test.option
		r.Env = append(r.Env, test.env...)
		if test.variable != "" {
			r.Env = append(r.Env, "MP_POLICY="+test.variable)
		}
		e := Prepare(r)
		if test.node != nil {
			e.Node.Tags = test.node
		}
		result := e.Decide([]Task{{Mask: mask(t, "0-7")}})[0]
		got := map[string]string{}
		for _, s := range result.Settings {
			if slices.Contains(binding, s.Name) && s.Action != policy.Keep {
				got[s.Name] = s.Value
				if s.Action == policy.Unset {
					got[s.Name] = "-"
				}
			}
		}
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%+v: want -, got +:\n%s", test, diff)
		}
		if set(result)["OMP_NUM_THREADS"] == "" {
			t.Errorf("%+v: the rest of the policy does not hold", test)
		}
	}
}

// A malformed MP_POLICY does not count as a hint. The line about a correction is added to
// it.
func TestMalformedVariableHidesNoCorrection(t *testing.T) {
	r := request(t)
	r.Env = append(r.Env, "MP_POLICY=quick", "OMP_PLACES=cores")
	got := Prepare(r).Decide([]Task{{Mask: mask(t, "0-3")}})[0].Messages
	if len(got) != 2 || !strings.Contains(got[0], "MP_POLICY=quick is ignored") || !strings.Contains(got[1], "OMP_PLACES=cores would keep") {
		t.Errorf("got %q", got)
	}
}
