// SPDX-License-Identifier: MIT

// Package evaluation runs the policy once for one step on one node. It reads the node,
// the rules and the program, and lets the rules decide for each task. The engine and the
// command "mp-policy explain" both use it.
package evaluation

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/policy"
	"slurm-mp-policy/workload"
)

// Request is the step on this node as Slurm describes it.
type Request struct {
	Root   string // root directory of the node, "/" except for a recorded one
	Config string // the site's policy file
	// Elsewhere is set if the process got its CPUs not from srun but from another
	// program, such as mpirun or taskset. Then the CPUs that -c would give it are not
	// known.
	Elsewhere bool
	// Default, Affinity, Hints and Log are the words of the line in plugstack.conf.
	Default  string
	Affinity string
	Hints    bool
	Log      string
	// Deadline is the value of the word deadline, 0 for the default.
	Deadline time.Duration

	Option string // the words of --mp-policy, "" if not given
	Kind   string // step, batch or interactive
	// Cgroup is the /proc/PID/cgroup of a process in the step's cgroups. It is "" if this
	// process itself is in them.
	Cgroup string

	Argv []string
	Env  []string // NAME=value
	Dir  string   // working directory

	UID, GID int
	Groups   []int // supplementary

	Node        int // index of this node in the step
	Tasks       int // of the whole step
	LocalTasks  int // on this node
	CPUs        int // of the step on this node, 0 if not known
	CPUsPerTask int // 0 or 1 if -c was not given
}

// DefaultRequest returns a step of one task with the default words of plugstack.conf. The
// caller adds the command, its user, environment and directory.
func DefaultRequest() Request {
	return Request{Root: "/", Default: policy.DefaultOn, Affinity: "fix", Hints: true, Log: LogOff, Kind: "step", Tasks: 1, LocalTasks: 1}
}

// Task is one task on this node, with its final mask.
type Task struct {
	Rank int // global task id in the step
	PID  int // the process whose cgroups have the CPU quota; 0: see Request.Cgroup
	Mask nodeinfo.Mask
}

// Evaluation is the part of a decision that does not depend on the masks.
type Evaluation struct {
	Request Request
	Choice  policy.Choice
	Active  bool
	// Observed is set if the site has default=observe: the decision is not applied.
	Observed bool
	Node     nodeinfo.Kind
	Warnings []string // for the node's log
	notes    []string // for an explanation
	ignored  string   // for the user: why the words of --mp-policy or MP_POLICY are not followed
	from     string   // the option or variable that made the choice
	env      map[string]string
	rules    policy.Rules
	programs programs
	share    int                              // see policy.Facts
	names    struct{ users, groups []string } // if a rule asks for them
	fs       nodeinfo.FS
	recorded bool // the node is another one, without a process of the step
	online   int  // CPUs of the node, if counted
	counted  bool
}

// Result is the result for one group of tasks. A group has all tasks with the same
// program and the same mask.
type Result struct {
	Tasks      []int // indices into the given tasks, ascending
	Workload   workload.Result
	Allocation nodeinfo.Allocation
	policy.Decision
	// Messages are lines for the stderr of the group's first task.
	Messages []string
}

// Prepare reads the rules, the node and the program. The Warnings name what could not be
// read. The Evaluation is valid all the same.
func Prepare(r Request) *Evaluation { return prepare(r, nodeinfo.New(r.Root)) }

// PrepareOn is Prepare for the recorded node in a directory. The program and its files are still
// looked up below Root.
func PrepareOn(directory string, r Request) *Evaluation {
	e := prepare(r, nodeinfo.New(directory))
	e.recorded = true
	return e
}

func prepare(r Request, node nodeinfo.FS) *Evaluation {
	e := &Evaluation{Request: r, fs: node, env: environment(r.Env)}
	e.choose()
	if !e.Active {
		return e
	}
	e.readRules()
	var err error
	if e.Node, err = e.fs.Kind(); err != nil {
		e.warn(err)
	}
	e.programs = newPrograms(e)
	if !r.Elsewhere {
		e.share = share(e.env, r.LocalTasks)
	}
	return e
}

// warn keeps each line of an error for the log, once, and only so many of them.
func (e *Evaluation) warn(err error) {
	const most = 8
	for text := range strings.SplitSeq(err.Error(), "\n") {
		if len(e.Warnings) < most && !slices.Contains(e.Warnings, text) {
			e.Warnings = append(e.Warnings, text)
		}
	}
}

// environment uses the first entry of a name, as getenv(3) does.
func environment(list []string) map[string]string {
	env := make(map[string]string, len(list))
	for _, entry := range list {
		name, value, ok := strings.Cut(entry, "=")
		if _, twice := env[name]; ok && !twice {
			env[name] = value
		}
	}
	return env
}

// fromVariable is the origin of a choice that is not made by an option of the step.
const fromVariable = "MP_POLICY"

// choose takes the option, else MP_POLICY. An option that only asks for an explanation does
// not replace MP_POLICY. A malformed MP_POLICY counts as none: no command has refused it.
func (e *Evaluation) choose() {
	words, variable := e.Request.Option, e.env["MP_POLICY"]
	e.from = "--no-mp-policy or --mp-policy"
	explain := words == "explain"
	if words == "" || explain && variable != "" {
		words, e.from = variable, fromVariable
	}
	if words != "" {
		var err error
		if e.Choice, err = policy.ParseChoice(words); err != nil {
			e.ignored = fmt.Sprintf("%s=%s is ignored: %v", e.from, printable(words), err)
		}
	}
	e.Choice.Explain = e.Choice.Explain || explain
	e.Active = e.Choice.Active(e.Request.Default)
	e.Observed = e.Choice.Observed(e.Request.Default)
}

// Note adds a line to the notes of an explanation.
func (e *Evaluation) Note(text string) { e.notes = append(e.notes, text) }

func (e *Evaluation) readRules() {
	var err error
	if e.rules, err = policy.Builtin(); err != nil {
		e.warn(err)
	}
	if err := missingPolicy(e.Request.Config); err != nil {
		e.warn(err)
	}
	site, err := Site(e.Request.Config)
	if err != nil {
		e.warn(err)
	}
	e.AddRules(site)
}

// AddRules adds a site's rules. A caller who runs an evaluation for himself answers for them.
// Only a launch asks who could have written its rules, and it has Request.Config.
func (e *Evaluation) AddRules(site policy.Rules) {
	e.rules.Add(site)
	if e.Active && e.rules.Names() {
		e.names.users, e.names.groups = e.users(), e.groups()
	}
}

// Decide has the rules decide for the tasks, once for each group.
func (e *Evaluation) Decide(tasks []Task) []Result {
	var results []Result
	groups := map[string]int{}
	quotas := e.quotas(tasks)
	masks := make([]nodeinfo.Mask, len(tasks))
	for i, task := range tasks {
		masks[i] = task.Mask
	}
	parts := e.parts(masks)
	for i, task := range tasks {
		program := e.programs.of(task.Rank)
		key := fmt.Sprint(program, " ", task.Mask)
		at, ok := groups[key]
		if !ok {
			at = len(results)
			groups[key] = at
			results = append(results, e.decide(e.allocation(task.Mask, parts[i], quotas), e.programs.list[program], masks))
		}
		results[at].Tasks = append(results[at].Tasks, i)
	}
	e.addMessages(results, tasks)
	return results
}

// quotas reads the quotas of the first task: all tasks of a step have the same limits. If
// the task is hidden, is gone or has another number here, the quotas of the step's
// cgroups count. For another user's process, hidepid=1 of proc(5) causes EPERM and
// hidepid=2 ENOENT.
func (e *Evaluation) quotas(tasks []Task) nodeinfo.Quotas {
	var none, quotas nodeinfo.Quotas
	if !e.Active || len(tasks) == 0 {
		return none
	}
	var err error = fs.ErrNotExist
	if pid := tasks[0].PID; pid > 0 {
		quotas, err = e.fs.Quotas(strconv.Itoa(pid))
	}
	hidden := errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)
	if hidden && quotas == none {
		quotas, err = e.stepQuotas()
	}
	if err != nil && !(e.recorded && errors.Is(err, fs.ErrNotExist)) {
		e.warn(err) // about a part of the path; the other parts hold
	}
	return quotas
}

// parts returns how many CPUs of each mask are for its task. The masks of the step's
// other tasks may not be given, because a task that was moved evaluates for itself. Then
// the masks may be the same, so that no task has more than its part of the step's CPUs.
// Allocate gives the task the CPUs of -c, if they are more.
func (e *Evaluation) parts(masks []nodeinfo.Mask) []float64 {
	parts := nodeinfo.Shares(masks)
	if e.Request.CPUs == 0 || len(masks) >= e.Request.LocalTasks {
		return parts
	}
	most := float64(e.Request.CPUs / e.Request.LocalTasks)
	for i := range parts {
		parts[i] = min(parts[i], most)
	}
	return parts
}

func (e *Evaluation) stepQuotas() (nodeinfo.Quotas, error) {
	if e.Request.Cgroup != "" {
		return e.fs.QuotasIn(e.Request.Cgroup)
	}
	return e.fs.Quotas("self")
}

func (e *Evaluation) decide(allocation nodeinfo.Allocation, program workload.Result, masks []nodeinfo.Mask) Result {
	r := Result{Workload: program}
	facts := policy.Facts{
		Node: e.Node.Tags, Workload: program.Tags, Command: program.Program, Python: policy.Version(program.Python),
		Partition: e.env["SLURM_JOB_PARTITION"], Account: e.env["SLURM_JOB_ACCOUNT"], QOS: e.env["SLURM_JOB_QOS"],
		Users: e.names.users, Groups: e.names.groups, Affinity: e.affinity(),
		Tasks: e.Request.Tasks, Pool: program.Workers, Share: e.share, Env: e.env,
		NodeCPUs: e.nodeCPUs, Later: laterOf(program), Prefixes: program.Prefixes,
		Copies: e.copies(program), JobCPUs: jobCPUs(e.env), Given: given(e.env),
		Script: scriptName(program), PoolAt: program.PoolAt, Program: program.Beside,
	}
	if e.describes(program) {
		facts.Workers = e.Choice.Workers
	}
	facts.Workload = slices.Concat(facts.Workload, program.FurtherTags())
	rules := e.rules
	if !e.Active || allocation.CPUs == 0 {
		rules = policy.Rules{}
	} else {
		r.Allocation = allocation
		facts.CPUs = r.Allocation.CPUs
		facts.Cores = func() int { return e.cores(&r.Allocation) }
		if e.Choice.Explain {
			facts.Cores()
			facts.Sharing = e.sharing(allocation, masks) // only notes use it
		}
	}
	r.Decision = rules.Decide(facts)
	if e.Active && workload.IsRankDaemon(program.Program) {
		// The ranks inherit its environment, and mpirun's script was evaluated.
		e.Note(program.Program + " starts ranks of mpirun, so it keeps the settings of the script that started mpirun")
		r.Decision = policy.Decision{}
		return r
	}
	e.noteLater(program, r.Settings)
	if e.Observed {
		r.Changes = policy.Rules{}.Decide(facts).Changes
	}
	return r
}

// affinity returns the site's word, or off if the user keeps the binding. The rules set a
// binding variable only if none is set. On KNL they may also set one that agrees with the
// user's variable. So with off they do not change the user's variables.
func (e *Evaluation) affinity() string {
	if e.Choice.Bind {
		return "off"
	}
	return e.Request.Affinity
}

// allocation returns the allocation of a task. Part is its own number of CPUs of the
// mask.
func (e *Evaluation) allocation(mask nodeinfo.Mask, part float64, quotas nodeinfo.Quotas) nodeinfo.Allocation {
	return nodeinfo.Allocation{
		Mask: mask, Shared: part < float64(mask.Count()), Quota: quotas.PerTask(e.Request.LocalTasks),
		CPUs: nodeinfo.Allocate(mask, part, quotas, nodeinfo.Step{
			CPUs: e.Request.CPUs, CPUsPerTask: e.Request.CPUsPerTask, LocalTasks: e.Request.LocalTasks,
		}),
	}
}

// nodeCPUs counts the online CPUs of the node, once. It returns 0 if they are not known.
func (e *Evaluation) nodeCPUs() int {
	if !e.counted {
		e.counted = true
		online, err := e.fs.OnlineCPUs()
		if err != nil {
			e.warn(err)
		}
		e.online = online.Count()
	}
	return e.online
}

// cores counts the cores of an allocation, once.
func (e *Evaluation) cores(a *nodeinfo.Allocation) int {
	if a.Cores == 0 {
		var err error
		if a.Cores, err = e.fs.Cores(a.Mask); err != nil {
			e.warn(err)
		}
	}
	return a.Cores
}
