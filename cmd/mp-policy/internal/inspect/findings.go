// SPDX-License-Identifier: MIT

package inspect

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/plaintext"
	"slurm-mp-policy/policy"
	"slurm-mp-policy/workload"
)

// Levels of a Finding.
const (
	Warn = "warn" // the task computes more slowly than it could
	Note = "note" // it may compute more slowly than it could
)

// Finding is a problem, or a possible one.
type Finding struct {
	Level string `json:"level"`
	// What is a fixed word for it, which docs/inspect.schema.json lists.
	What string   `json:"what"`
	Text string   `json:"text"`
	Do   []Advice `json:"do"`
}

// Advice is one thing to do: a condition, and the words to type.
type Advice struct {
	When string `json:"when"`
	Type string `json:"type"`
}

// binding are the variables by which an OpenMP library binds threads.
var binding = []string{"OMP_PLACES", "GOMP_CPU_AFFINITY", "KMP_AFFINITY", "OMP_PROC_BIND"}

func (t *Task) findings(s *sample) (all []Finding) {
	for _, look := range []func(*sample) *Finding{t.oneCPU, t.crowded, t.manyWorkers, t.idle, t.verdictDiffers} {
		if f := look(s); f != nil {
			all = append(all, *f)
		}
	}
	return all
}

func (t *Task) workers() (list []*Process) {
	for _, p := range t.Processes {
		if p.Role == Worker {
			list = append(list, p)
		}
	}
	return list
}

// oneCPU reports that the workers may run on one CPU only, or that all of them ran on one
// CPU all the time.
func (t *Task) oneCPU(s *sample) *Finding {
	workers := t.workers()
	if len(workers) < 2 {
		return nil
	}
	var masks, on nodeinfo.Mask
	busy := 0
	for _, p := range workers {
		masks, on = masks.Or(p.mask), on.Or(p.on)
		if p.Runnable > 0 {
			busy++
		}
	}
	f := &Finding{Level: Warn, What: "one-cpu"}
	switch {
	case masks.Count() == 1:
		f.Text = fmt.Sprintf("all %d workers may run on CPU %s only", len(workers), masks)
	case busy >= 2 && on.Count() == 1:
		f.Text = fmt.Sprintf("all %d workers that compute ran on CPU %s, and may run on CPUs %s", busy, on, masks)
	default:
		return nil
	}
	if t.Mask.Count() == 1 {
		f.Text += ": the task has no other"
		f.Do = []Advice{{"next time, give the task more CPUs", fmt.Sprintf("srun -c %d COMMAND", len(workers))}}
		return f
	}
	set := t.bindings()
	if len(set) > 0 {
		f.Text += " (" + strings.Join(set, ", ") + " is set)"
	}
	again := Advice{"next time, before the program, unless it binds its workers itself", "export OMP_PROC_BIND=false"}
	if len(set) > 0 {
		again = Advice{"next time, before the program", "unset " + strings.Join(set, " ") + "; export OMP_PROC_BIND=false"}
	}
	f.Do = []Advice{
		{"for the workers that run now", fmt.Sprintf("for p in %s; do taskset -acp %s $p; done", pids(workers), t.Mask)},
		again,
	}
	return f
}

// bindings are the variables by which the task's OpenMP libraries bind threads.
func (t *Task) bindings() (set []string) {
	for _, name := range binding {
		if slices.ContainsFunc(t.Processes, func(p *Process) bool {
			value := strings.ToLower(p.env[name])
			return value != "" && !(name == "OMP_PROC_BIND" && strings.HasPrefix(value, "f")) &&
				(name != "KMP_AFFINITY" || policy.InSet(policy.KMPBinding, value))
		}) {
			set = append(set, name)
		}
	}
	return set
}

// crowded reports that more threads want to run than there are CPUs.
func (t *Task) crowded(*sample) *Finding {
	if t.Runnable <= t.Count {
		return nil
	}
	f := &Finding{Level: Warn, What: "more-threads-than-cpus"}
	f.Text = fmt.Sprintf("%d threads wanted to run on %s", t.Runnable, plaintext.Plural(t.Count, "CPU"))
	busy, most := 0, 0
	for _, p := range t.Processes {
		if p.Runnable > 0 {
			busy++
			most = max(most, p.Runnable)
		}
	}
	more := Advice{"next time, give the task more CPUs", fmt.Sprintf("srun -c %d COMMAND", t.Runnable)}
	if most == 1 {
		f.Text += fmt.Sprintf(": %s of one thread each", processes(busy))
		f.Do = []Advice{more}
		return f
	}
	f.Text += fmt.Sprintf(": %s, up to %d threads each", processes(busy), most)
	f.Do = []Advice{{"next time, before the program", fmt.Sprintf("export OMP_NUM_THREADS=%d", max(1, t.Count/busy))}}
	if t.Workers > 0 {
		f.Do = append(f.Do, Advice{"or", fmt.Sprintf("srun --mp-policy=workers=%d COMMAND", t.Workers)})
	}
	more.When = "or give the task more CPUs"
	f.Do = append(f.Do, more)
	return f
}

// manyWorkers reports that there are more workers than CPUs, even if they do not compute.
func (t *Task) manyWorkers(*sample) *Finding {
	if t.Workers <= t.Count {
		return nil
	}
	return &Finding{
		Level: Warn, What: "more-workers-than-cpus",
		Text: fmt.Sprintf("%d workers share %s", t.Workers, plaintext.Plural(t.Count, "CPU")),
		Do: []Advice{
			{"in the program, size the pool by the CPUs of the task", "Pool(len(os.sched_getaffinity(0)))"},
			{"or give the task more CPUs", fmt.Sprintf("srun -c %d COMMAND", t.Workers)},
		},
	}
}

// idle reports that CPUs of the task did nothing. It uses the CPU time, because a thread
// is not always on the same CPU.
func (t *Task) idle(s *sample) *Finding {
	// A CPU that other programs use is not idle: the task wants it.
	idle := t.Count - max(int(math.Ceil(t.Used-0.25)), t.occupied(s))
	if s.seconds == 0 || idle < 1 || t.Count < 2 || t.onlyStarts() {
		return nil
	}
	f := &Finding{Level: Note, What: "idle-cpus"}
	f.Text = fmt.Sprintf("%d of %d CPUs of the task did nothing: it used %.2f CPUs", idle, t.Count, t.Used)
	if unused := t.unused(); unused.Count() == idle {
		f.Text += "; nothing ran on " + cpuText(unused)
	}
	look := Advice{"to see whether it stays so", "mp-policy inspect --watch " + t.argument()}
	fewer := Advice{"if it does, ask for fewer CPUs next time", fmt.Sprintf("srun -c %d COMMAND", max(1, t.Count-idle, t.Workers))}
	f.Do = []Advice{look}
	switch {
	case t.Workers > 0 && t.Workers < t.Count:
		f.Do = append(f.Do, Advice{"if it does, let each worker have more threads", fmt.Sprintf("export OMP_NUM_THREADS=%d", max(1, t.Count/t.Workers))})
		fewer.When = "or ask for fewer CPUs"
		fallthrough
	case t.Workers == 0:
		f.Do = append(f.Do, fewer)
	}
	return f
}

func cpuText(cpus nodeinfo.Mask) string {
	if cpus.Count() == 1 {
		return "CPU " + cpus.String()
	}
	return "CPUs " + cpus.String()
}

// onlyStarts reports whether a batch script or a shell only waits for the steps that it has
// started. These steps have its CPUs.
func (t *Task) onlyStarts() bool {
	return kindOf(t.Step) != "step" && !t.hasPython()
}

func (t *Task) hasPython() bool {
	return slices.ContainsFunc(t.Processes, func(p *Process) bool { return p.Python })
}

// argument returns the arguments that name the task to the tool.
func (t *Task) argument() string {
	if t.Job != 0 {
		return fmt.Sprintf("--job %d", t.Job)
	}
	return strconv.Itoa(t.Processes[0].PID)
}

// unused are the CPUs of the task on which none of its threads was seen.
func (t *Task) unused() nodeinfo.Mask {
	var on nodeinfo.Mask
	for _, p := range t.Processes {
		on = on.Or(p.on)
	}
	var rest []uint64
	for cpu := range t.Mask.All() {
		if !on.Has(cpu) {
			rest = append(rest, uint64(cpu))
		}
	}
	return maskOf(rest)
}

// verdictDiffers reports that the plugin takes the program for a different kind of program.
func (t *Task) verdictDiffers(*sample) *Finding {
	v := t.Verdict
	if v == nil || v.Off != "" || v.Unknown != "" {
		return nil
	}
	switch {
	case t.Workers > 0 && !v.starts() && kindOf(t.Step) != "step":
		return &Finding{
			Level: Warn, What: "not-recognised",
			Text: fmt.Sprintf("the program has %s, and the plugin does not look for them in a %s step", plaintext.Plural(t.Workers, "worker"), t.Step),
			Do:   []Advice{{"in the script, start the program as a step", fmt.Sprintf("srun -n 1 -c %d COMMAND", t.Count)}},
		}
	case t.Workers > 0 && !v.starts():
		return &Finding{
			Level: Warn, What: "not-recognised",
			Text: fmt.Sprintf("the program has %s, and the plugin does not recognise it: %s", plaintext.Plural(t.Workers, "worker"), tagText(v.Tags)),
			Do: []Advice{
				{"next time", "srun --mp-policy=multiprocessing COMMAND"},
				{"or, for all steps of the job", "export MP_POLICY=multiprocessing"},
			},
		}
	case t.Workers == 0 && v.starts() && t.hasPython():
		return &Finding{
			Level: Note, What: "no-workers",
			Text: fmt.Sprintf("the plugin takes the program for one that starts workers (%s), and it has none now", tagText(v.Tags)),
			Do: []Advice{
				{"to see whether it starts some later", "mp-policy inspect --watch " + t.argument()},
				{"if it never does, next time", "srun --no-mp-policy COMMAND"},
			},
		}
	}
	return nil
}

// tagText returns the tags about workers, for people.
func tagText(tags []string) string {
	if len(tags) == 0 {
		return "nothing that rules are about"
	}
	tags = slices.Clone(tags)
	slices.SortFunc(tags, func(a, b string) int { // the most important tag first
		return rank(a) - rank(b)
	})
	return strings.Join(tags, ", ")
}

func rank(tag string) int {
	return slices.Index([]string{workload.TagMultiprocessing, workload.TagWorkers, workload.TagMPI, workload.TagPython}, tag)
}

// maxPIDs is the largest number of processes that an advice names.
const maxPIDs = 4

// pids returns shell words that stand for the processes: their numbers, or a command that
// finds them by their parents.
func pids(list []*Process) string {
	var words, parents []string
	for _, p := range list {
		words = append(words, strconv.Itoa(p.PID))
		if parent := strconv.Itoa(p.PPID); !slices.Contains(parents, parent) {
			parents = append(parents, parent)
		}
	}
	if len(words) > maxPIDs {
		return "$(pgrep -P " + strings.Join(parents, ",") + ")"
	}
	return strings.Join(words, " ")
}
