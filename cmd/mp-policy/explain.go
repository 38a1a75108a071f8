// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
)

// explainVersion is the version of explain's JSON, docs/explain.schema.json. It
// changes when a key goes or means something else, not when one is added.
const explainVersion = 1

// step is what explain is told of a step.
type step struct {
	root, cpus, cwd, policy, words, kind     string
	affinity, def                            string
	partition, account, qos, user, group     string
	env                                      []string
	tasks                                    int
	cleanEnv, builtin, hasPolicy, hasCPUs    bool
	hasPartition, hasAccount, hasQOS, hasCwd bool
	argv                                     []string
}

func newExplain(s screen) *cobra.Command {
	var st step
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain [OPTIONS] -- COMMAND...",
		Short: "Print what a step would get, and why",
		Long: `Print what one task of a step that runs COMMAND would get, and why: as the
plugin decides it at a launch, on this node or on a recorded one. Nothing is
run. COMMAND and its files are looked up on this machine also where --root names
another one's folder.

Of each variable it prints what is done (set, unset, or keep for a value of the
user's own that a rule would have set), the rule, and the file and line of the
rule's action.

The environment is the caller's, as with srun, and what --env adds to it;
--clean-env starts with none.

Exit status: 0, or 2 where the command line is wrong or names what cannot be
read. The JSON of --json is described by docs/explain.schema.json.`,
		Example: `  mp-policy explain -- python3 train.py
  srun -c 4 mp-policy explain --cpus self -- python3 train.py
  mp-policy explain --cpus 0-15 --tasks 4 --partition gpu -- python3 train.py
  mp-policy explain --root ./knl-node --policy ./mp_policy.conf --json -- python3 train.py`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "" {
				return errors.New("there is no command to explain: want one behind --, as in mp-policy explain -- python3 train.py")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			given := func(name string) bool { return cmd.Flags().Changed(name) }
			st.argv = args
			st.hasCPUs, st.hasPolicy, st.hasCwd = given("cpus"), given("policy"), given("cwd")
			st.hasPartition, st.hasAccount, st.hasQOS = given("partition"), given("account"), given("qos")
			e, err := st.explain(cmd.InOrStdin())
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), e)
			}
			e.write(cmd.OutOrStdout(), s)
			return nil
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false) // what follows the command is the command's
	f.StringVar(&st.root, "root", "/", "explain for the node that was recorded in `DIR` (mp-policy record)")
	f.StringVar(&st.cpus, "cpus", "", "the task's affinity mask, a `LIST` such as 0-15,64-79, or self for that of this process (default: all online CPUs)")
	f.IntVar(&st.tasks, "tasks", 1, "the step has `N` tasks")
	f.StringVar(&st.cwd, "cwd", "", "the step's working `DIR` (default: the current one)")
	f.StringArrayVar(&st.env, "env", nil, "add `NAME=VALUE` to the step's environment; may be repeated")
	f.BoolVar(&st.cleanEnv, "clean-env", false, "start from no environment instead of the caller's")
	f.StringVar(&st.policy, "policy", "", "read the site's rules from `FILE`, whoever owns it; - is standard input (default: "+defaultPolicy+", if it may be believed)")
	f.BoolVar(&st.builtin, "builtin", false, "the built-in rules alone, without a site's")
	f.StringVar(&st.words, "mp-policy", "", "the step is started with --mp-policy=`WORDS`")
	f.StringVar(&st.affinity, "affinity", "fix", "the word of plugstack.conf: `fix|hint|off`")
	f.StringVar(&st.def, "default", "on", "the word of plugstack.conf: `on|off`")
	f.StringVar(&st.kind, "kind", "step", "what is started: `step|batch|interactive`, an srun, a batch script or an salloc shell")
	f.StringVar(&st.partition, "partition", "", "the job's partition is `NAME`, as SLURM_JOB_PARTITION in its environment")
	f.StringVar(&st.account, "account", "", "the job's account is `NAME`, as SLURM_JOB_ACCOUNT")
	f.StringVar(&st.qos, "qos", "", "the job's QOS is `NAME`, as SLURM_JOB_QOS")
	f.StringVar(&st.user, "user", "", "the job's user is `NAME` or a number (default: the caller)")
	f.StringVar(&st.group, "group", "", "the job's group is `NAME` or a number (default: the caller's)")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	cmd.MarkFlagsMutuallyExclusive("policy", "builtin")
	complete(cmd, "affinity", affinities)
	complete(cmd, "default", defaults)
	complete(cmd, "kind", kinds)
	return cmd
}

// The words that options take.
var (
	affinities = []string{"fix", "hint", "off"}
	defaults   = []string{"on", "off"}
	kinds      = []string{"step", "batch", "interactive"}
)

// explanation is the JSON of explain.
type explanation struct {
	Version    int              `json:"version"`
	Node       nodeinfo.Node    `json:"node"`
	Active     bool             `json:"active"`
	Workload   []string         `json:"workload"`
	Program    string           `json:"program,omitempty"`
	Evidence   []evidence       `json:"evidence"`
	Allocation allocation       `json:"allocation"`
	Settings   []policy.Setting `json:"settings"`
	Hints      []string         `json:"hints"`
	Messages   []string         `json:"messages"`
	Notes      []string         `json:"notes"`
	Restored   []restored       `json:"restored"`

	whyOff string
	kind   string
}

type evidence struct {
	Tag  string `json:"tag"`
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Text string `json:"text,omitempty"`
}

type allocation struct {
	CPUs  int     `json:"cpus"`
	Cores int     `json:"cores"`
	Mask  string  `json:"mask"`
	Quota float64 `json:"quota,omitempty"`
}

// restored is a variable of an outer step's that this one takes back.
type restored struct {
	Action string `json:"action"`
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
}

func (st *step) explain(stdin io.Reader) (*explanation, error) {
	if err := st.check(); err != nil {
		return nil, err
	}
	request, err := st.request()
	if err != nil {
		return nil, err
	}
	fs := nodeinfo.New(st.root)
	node, nodeErr := fs.Node()
	mask, err := st.mask(fs)
	if err != nil {
		return nil, err
	}
	var site policy.Rules
	var errs parseErrors
	if st.hasPolicy {
		if site, errs, err = readPolicy(st.policy, stdin); err != nil {
			return nil, fmt.Errorf("--policy: %w", err)
		}
	}
	prepare := evaluation.Prepare
	if st.recorded() {
		prepare = func(r evaluation.Request) *evaluation.Evaluation { return evaluation.PrepareOn(st.root, r) }
	}
	e := prepare(request)
	e.AddRules(site)
	result := e.Decide([]evaluation.Task{{Mask: mask}})[0]
	cores, coresErr := fs.Cores(mask)

	x := &explanation{
		Version: explainVersion, Node: node, Active: e.Active, Workload: result.Workload.Tags, Program: result.Workload.Program,
		Allocation: allocation{CPUs: result.Allocation.CPUs, Cores: cores, Mask: mask.String()},
		Settings:   result.Settings, Hints: result.Hints, whyOff: e.WhyOff(), kind: st.kind,
	}
	if q := result.Allocation.Quota; q > 0 && !math.IsInf(q, 1) {
		x.Allocation.Quota = q
	}
	for _, ev := range result.Workload.Evidence {
		x.Evidence = append(x.Evidence, evidence{ev.Tag, ev.File, ev.Line, ev.Text})
	}
	if !e.Choice.Explain {
		x.Messages = result.Messages
	}
	x.Notes = e.Notes()
	for _, err := range slices.Concat(errs, split(errors.Join(nodeErr, coresErr))) {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if !slices.Contains(x.Notes, line) {
				x.Notes = append(x.Notes, line)
			}
		}
	}
	x.restored(result.Decision)
	x.fill()
	return x, nil
}

// fill makes lists that are there and empty of those that are not.
func (x *explanation) fill() {
	for _, list := range []*[]string{&x.Workload, &x.Hints, &x.Messages, &x.Notes} {
		if *list == nil {
			*list = []string{}
		}
	}
	if x.Evidence == nil {
		x.Evidence = []evidence{}
	}
	if x.Settings == nil {
		x.Settings = []policy.Setting{}
	}
	if x.Restored == nil {
		x.Restored = []restored{}
	}
	if x.Node.Tags == nil {
		x.Node.Tags = []string{}
	}
}

func (x *explanation) restored(d policy.Decision) {
	for _, c := range d.Changes {
		if c.Name == policy.AppliedName || slices.ContainsFunc(d.Settings, func(s policy.Setting) bool { return s.Name == c.Name }) {
			continue
		}
		action := policy.Set
		if c.Unset {
			action = policy.Unset
		}
		x.Restored = append(x.Restored, restored{action, c.Name, c.Value})
	}
}

func (st *step) recorded() bool { return st.root != "/" }

const recordedFolder = "a folder with proc/ and sys/ in it, such as mp-policy record makes"

// check looks at what can be wrong with the options by themselves.
func (st *step) check() error {
	if err := folder("--root", st.root, recordedFolder); err != nil {
		return err
	}
	if st.hasCwd {
		if err := folder("--cwd", st.cwd, "the step's working folder"); err != nil {
			return err
		}
	}
	if st.tasks < 1 {
		return fmt.Errorf("--tasks %d: want 1 or more", st.tasks)
	}
	for _, o := range []struct {
		option, value string
		allowed       []string
	}{
		{"--affinity", st.affinity, affinities},
		{"--default", st.def, defaults},
		{"--kind", st.kind, kinds},
	} {
		if !slices.Contains(o.allowed, o.value) {
			return fmt.Errorf("%s %q is not known: want %s", o.option, o.value, strings.Join(o.allowed, ", "))
		}
	}
	for _, entry := range st.env {
		if name, _, ok := strings.Cut(entry, "="); !ok || name == "" {
			return fmt.Errorf("--env %q: want NAME=VALUE", entry)
		}
	}
	if st.words != "" {
		if _, err := policy.ParseChoice(st.words); err != nil {
			return fmt.Errorf("--mp-policy=%s: %w", st.words, err)
		}
	}
	return nil
}

// mask is the task's: all online CPUs unless the caller says which.
func (st *step) mask(fs nodeinfo.FS) (nodeinfo.Mask, error) {
	online, onlineErr := fs.OnlineCPUs()
	if !st.hasCPUs {
		if onlineErr != nil {
			return online, fmt.Errorf("%s does not tell which CPUs are online: %w; name the task's with --cpus", st.root, onlineErr)
		}
		return online, nil
	}
	if st.cpus == "self" && !st.recorded() {
		return ownMask()
	}
	return parseCPUs(st.cpus, online)
}

// parseCPUs reads the value of --cpus. online may be empty, where it is not known.
func parseCPUs(list string, online nodeinfo.Mask) (nodeinfo.Mask, error) {
	mask, err := nodeinfo.ParseList(list)
	if err != nil {
		return mask, fmt.Errorf("--cpus: %w; want a list such as 0-15,64-79", err)
	}
	if mask.Count() == 0 {
		return mask, errors.New("--cpus is empty: want a list such as 0-15,64-79")
	}
	if online.Count() > 0 {
		for cpu := range mask.All() {
			if !online.Has(cpu) {
				return mask, fmt.Errorf("--cpus %s: CPU %d is not online there: want CPUs of %s", list, cpu, online)
			}
		}
	}
	return mask, nil
}

// request is the step as the shim would describe it to the engine.
func (st *step) request() (evaluation.Request, error) {
	r := evaluation.Request{
		Root: "/", Default: st.def == "on", Affinity: st.affinity, Hints: true, Option: st.words, Kind: st.kind,
		Argv: st.argv, Dir: st.cwd, UID: os.Getuid(), GID: os.Getgid(), Tasks: st.tasks, LocalTasks: st.tasks,
	}
	r.Groups, _ = os.Getgroups() // the primary one is among the facts anyway
	if !st.hasPolicy && !st.builtin {
		r.Config = defaultPolicy
	}
	if !st.hasCwd {
		dir, err := os.Getwd()
		if err != nil {
			return r, fmt.Errorf("the working folder cannot be told: %w; name one with --cwd", err)
		}
		r.Dir = dir
	}
	env := newEnvironment()
	if !st.cleanEnv {
		env.add(os.Environ()...)
	}
	for _, o := range []struct {
		given       bool
		name, value string
	}{
		{st.hasPartition, "SLURM_JOB_PARTITION", st.partition},
		{st.hasAccount, "SLURM_JOB_ACCOUNT", st.account},
		{st.hasQOS, "SLURM_JOB_QOS", st.qos},
	} {
		if o.given {
			env.add(o.name + "=" + o.value)
		}
	}
	if err := st.who(&r, env); err != nil {
		return r, err
	}
	env.add(st.env...)
	r.Env = env.list()
	return r, nil
}

// who sets the job's user and group.
func (st *step) who(r *evaluation.Request, env *environment) error {
	if st.user != "" {
		u, err := user.Lookup(st.user)
		if isNumber(st.user) {
			if u, err = user.LookupId(st.user); err != nil { // a number needs no name
				u, err = &user.User{Uid: st.user, Gid: strconv.Itoa(r.GID)}, nil
			}
		}
		if err != nil {
			return fmt.Errorf("--user %q: no such user here: want a name that is known here, or a number", st.user)
		}
		r.UID, _ = strconv.Atoi(u.Uid)
		r.GID, _ = strconv.Atoi(u.Gid)
		r.Groups = nil
		if ids, err := u.GroupIds(); err == nil {
			for _, id := range ids {
				gid, _ := strconv.Atoi(id)
				r.Groups = append(r.Groups, gid)
			}
		}
		delete(env.values, "SLURM_JOB_USER")
		if u.Username != "" {
			env.add("SLURM_JOB_USER=" + u.Username)
		}
	}
	if st.group != "" {
		number := st.group
		if !isNumber(number) {
			g, err := user.LookupGroup(st.group)
			if err != nil {
				return fmt.Errorf("--group %q: no such group here: want a name that is known here, or a number", st.group)
			}
			number = g.Gid
		}
		r.GID, _ = strconv.Atoi(number)
	}
	return nil
}

func isNumber(id string) bool {
	_, err := strconv.ParseUint(id, 10, 32)
	return err == nil
}

// environment is a list of NAME=VALUE in which the last of a name counts.
type environment struct {
	values map[string]string
}

func newEnvironment() *environment { return &environment{map[string]string{}} }

func (e *environment) add(entries ...string) {
	for _, entry := range entries {
		name, value, _ := strings.Cut(entry, "=")
		e.values[name] = value
	}
}

func (e *environment) list() []string {
	var list []string
	for name, value := range e.values {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// write is the explanation for people.
func (x *explanation) write(w io.Writer, s screen) {
	var table [][]string
	row := func(name, format string, args ...any) {
		table = append(table, []string{name, printable(fmt.Sprintf(format, args...))})
	}
	row("node", "%s", strings.Join(x.Node.Tags, " "))
	row("task", "%s of %s, %s (mask %s)", plural(x.Allocation.CPUs, "CPU"), orUnknown(x.Node.CPUs), plural(x.Allocation.Cores, "core"), x.Allocation.Mask)
	if !x.Active {
		table[1][1] = "mask " + x.Allocation.Mask
	}
	if x.Allocation.Quota > 0 {
		row("quota", "%.4g CPUs, by the cgroups of this process", x.Allocation.Quota)
	}
	switch {
	case !x.Active:
		row("off", "%s", x.whyOff)
	case x.kind != "step" && len(x.Workload) == 0:
		row("program", "not looked at: a %s step may start anything", x.kind)
	case len(x.Workload) == 0:
		row("program", "%s: nothing that rules are about", x.Program)
	default:
		row("program", "%s: %s", x.Program, strings.Join(x.Workload, ", "))
	}
	for _, ev := range x.Evidence {
		where := ev.File
		if ev.Line > 0 {
			where += ":" + strconv.Itoa(ev.Line)
		}
		row("", "%s by %s: %s", ev.Tag, where, ev.Text)
	}
	rows(w, "", table)
	x.writeSettings(w, s)
	said := strings.Join(x.Messages, "\n")
	for _, list := range []struct {
		name  string
		lines []string
	}{{"hint", x.Hints}, {stderrName, x.Messages}, {"note", x.Notes}} {
		for _, line := range list.lines {
			if list.name != stderrName && strings.Contains(said, line) {
				continue // the step's user sees it
			}
			fmt.Fprintf(w, "%s: %s\n", s.paint(yellow, list.name), printable(line))
		}
	}
}

const stderrName = "the step's stderr"

// maxValue bounds the column of values; a longer one shifts its own line.
const maxValue = 24

func (x *explanation) writeSettings(w io.Writer, s screen) {
	if len(x.Settings)+len(x.Restored) == 0 {
		return
	}
	fmt.Fprintln(w)
	colours := map[string]string{policy.Set: green, policy.Unset: red, policy.Keep: faint}
	name, value, reason := 0, 0, 0
	reasons := make([]string, len(x.Settings))
	for i, set := range x.Settings {
		reasons[i] = set.Reason
		switch {
		case set.Was != "":
			reasons[i] += fmt.Sprintf(" (was %s)", printable(set.Was))
		case set.Action == policy.Keep:
			reasons[i] = "your own value; the rule is " + set.Reason
		}
		reasons[i] = printable(reasons[i])
		name, reason = max(name, len(set.Name)), max(reason, len(reasons[i]))
		value = max(value, min(len(set.Value), maxValue))
	}
	for i, set := range x.Settings {
		fmt.Fprintf(w, "%s  %s  %s  %s  %s\n", s.paint(colours[set.Action], pad(set.Action, 5)), s.paint(bold, pad(set.Name, name)),
			pad(printable(set.Value), value), pad(reasons[i], reason), s.paint(faint, set.Source))
	}
	for _, r := range x.Restored {
		why := "given back: an outer step had changed it"
		if r.Action == policy.Unset {
			why = "taken back: an outer step had set it"
		}
		fmt.Fprintf(w, "%s  %s  %s  %s\n", s.paint(colours[r.Action], pad(r.Action, 5)), s.paint(bold, pad(r.Name, name)),
			pad(printable(r.Value), value), why)
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func orUnknown(n int) string {
	if n == 0 {
		return "an unknown number"
	}
	return strconv.Itoa(n)
}
