// SPDX-License-Identifier: MIT

package workload

import (
	"maps"
	"slices"
	"strings"

	"slurm-mp-policy/workload/shell"
)

// Batch follows the script of a batch job, the first word of the command line. If the
// script is Python itself, the Result is that of this program. In a shell script, each
// command that computes counts. Only if all of them are Python with workers, the Result
// has the facts that they have in common. srun, sbatch, salloc and mp-policy do not count,
// because the programs that they start have an evaluation of their own. If a script starts a
// program with workers and other programs, Beside has the command with workers.
//
// If a file could not be read, the error names it. The Result is valid even then.
func Batch(c Command) (Result, error) {
	w := newWalker(c)
	w.mix = &mix{}
	w.follow(c.Argv)
	if !w.mix.isScript {
		return w.result(), w.err
	}
	return w.mix.result(&w), w.err
}

// maxEntered bounds the commands of a batch script that are followed to their program,
// because each may be a lookup on a slow file system. Real scripts have a handful.
const maxEntered = 16

// maxInside bounds the total size in bytes of the scripts that a batch script runs,
// because each byte costs time to read. People write a few scripts of some KiB.
const maxInside = shell.MaxText

// A mix sums up the commands of a batch script and of the scripts that it runs.
type mix struct {
	isScript bool
	entered  int
	inside   int      // bytes of the scripts that the batch script runs
	programs []Result // with workers
	texts    []string // of their commands, as the script has them
	others   bool     // another program computes, or may compute
	unread   bool     // the script may run programs that are not known; then there is no hint
	behind   int      // programs that the script does not wait for
	together bool     // programs may run at the same time
	unsure   bool     // the programs may have other CPUs than the task
}

// takesScript counts a script that is about to be read. It returns false if the bound is
// reached. Then the commands of the script are not known.
func (m *mix) takesScript(text string) bool {
	if !m.isScript {
		return true // this is the batch script itself
	}
	if m.inside += len(text); m.inside > maxInside {
		m.unread = true
	}
	return !m.unread
}

// batch follows every command of a script that computes.
func (w *walker) batch(r *shell.Reading, zero string) {
	m := w.mix
	m.isScript, w.isRead = true, true
	m.unread = m.unread || !r.Complete
	for _, file := range r.Unread {
		m.unsure = m.unsure || !w.isSetup(file)
	}
	seen, inPipe, before := map[string]int{}, map[int]bool{}, m.behind
	for i := range r.Commands {
		c := &r.Commands[i]
		if len(c.Words) == 1 && c.Words[0] == "wait" && !c.Conditional && !c.Background {
			m.behind = before
		}
		if shell.Harmless(c.Words) {
			continue
		}
		key := commandKey(c)
		pipe, again := seen[key]
		if again && !c.Background && m.behind == 0 && (c.Pipe == 0 || c.Pipe != pipe) {
			continue // they run one after the other
		}
		seen[key] = c.Pipe
		if m.entered++; m.entered > maxEntered {
			m.unread = true
			return
		}
		programs := len(m.programs)
		sub := w.sub()
		sub.isBackground, sub.isRepeated = w.isBackground || c.Background, w.isRepeated || c.Repeated
		if sub.shown = w.shown; sub.shown == "" {
			sub.shown = c.Text
		}
		sub.enter(c, zero)
		sub.loads(r.Commands[:i], zero)
		if !sub.hereProgram(c, zero) {
			sub.follow(c.Words)
		}
		sub.count()
		w.sourced = sub.sourced
		if c.Pipe > 0 && len(m.programs) > programs {
			m.together = m.together || inPipe[c.Pipe]
			inPipe[c.Pipe] = true
		}
		if sub.err != nil && isPython(sub.program) {
			w.fail(sub.err)
		}
	}
}

// commandKey returns the same text for commands that run the same program in the same
// environment.
func commandKey(c *shell.Command) string {
	parts := append(slices.Clone(c.Words), "\x01", c.Dir, "\x01")
	for _, a := range slices.Concat(c.Before, c.Own) {
		if a.Exported {
			parts = append(parts, a.Name, a.Value)
		}
	}
	return strings.Join(append(append(parts, "\x01"), c.Unset...), "\x01")
}

// sub returns a walker for one command of a batch script.
func (w *walker) sub() *walker {
	sub := walker{
		files: w.files, start: w.start, dir: w.dir, path: w.path, pythonPath: w.pythonPath, variables: w.variables, removed: map[string]bool{},
		assigned: map[string]string{}, changed: map[string]Later{}, prefixes: w.prefixes, mix: w.mix, late: w.late,
		indirect: w.indirect, ranks: w.ranks, sourced: w.sourced, steps: w.steps,
	}
	maps.Copy(sub.assigned, w.assigned)
	maps.Copy(sub.changed, w.changed)
	maps.Copy(sub.removed, w.removed)
	return &sub
}

// count adds the result of one command.
func (w *walker) count() {
	m := w.mix
	if w.isRead || len(w.words) > 0 && (isStep(w.program) || shell.Harmless(w.words)) {
		return // the commands of a script are counted, and this one computes nothing
	}
	r := w.result()
	switch {
	case slices.Contains(r.Tags, TagMultiprocessing), slices.Contains(r.Tags, TagWorkers):
		m.programs = append(m.programs, r)
		if w.isBackground {
			m.behind++
		}
		m.together = m.together || m.behind > 0 && (w.isRepeated || len(m.programs) > 1)
		text := w.shown
		if w.ranks {
			text = "" // srun would start the launcher several times
		}
		m.texts = append(m.texts, text)
	case asksVersion(w.words), slices.Contains(r.Tags, TagPython) && w.isPythonTool():
	default:
		m.others = true
	}
}

// isStep reports whether the programs that this program starts are evaluated separately.
func isStep(program string) bool {
	switch program {
	case "srun", "sbatch", "salloc", "mp-policy":
		return true
	}
	return false
}

// startsRanks reports whether a command starts the ranks of an MPI program.
func startsRanks(name string) bool {
	switch name {
	case "mpirun", "mpiexec", "mpiexec.hydra", "orterun", "prterun", "ibrun", "aprun", "jsrun", "torchrun", "horovodrun":
		return true
	}
	return false
}

// IsRankDaemon reports whether a program of this base name is a daemon that mpirun starts with srun,
// and that starts the ranks on its node: those of Open MPI, PRRTE, and Hydra of MPICH and Intel MPI.
func IsRankDaemon(name string) bool {
	switch name {
	case "orted", "prted", "hydra_bstrap_proxy", "hydra_pmi_proxy", "pmi_proxy":
		return true
	}
	return false
}

// result returns the facts that all programs of a script have in common.
func (m *mix) result(w *walker) Result {
	if len(m.programs) == 0 || m.unread {
		return Result{Program: w.program, Notes: w.notes}
	}
	if m.others {
		beside := ""
		for _, text := range m.texts {
			if text != "" {
				beside = text
				break
			}
		}
		return Result{Program: w.program, Beside: beside, Notes: w.notes}
	}
	r := m.programs[0]
	for i := range m.programs[1:] {
		r = both(&r, &m.programs[i+1])
	}
	if m.together {
		r.Workers = 0
	}
	if m.unsure {
		r.Direct, r.Workers = false, 0
	}
	return r
}

// both returns the facts that hold for two programs. A fact that caps threads must hold
// for both. A fact that protects must hold for at least one.
func both(a, b *Result) Result {
	r := *a
	r.Direct = a.Direct && b.Direct
	if a.Python != b.Python {
		r.Python = Version{}
	}
	r.Workers = max(a.Workers, b.Workers)
	if a.Workers == 0 || b.Workers == 0 || !r.Direct {
		r.Workers = 0
	}
	if b.NodeSized && !a.NodeSized {
		r.NodeSized, r.PoolAt = true, b.PoolAt
	}
	r.Tags = slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.Tags, b.Tags))))
	if slices.Contains(r.Tags, TagWorkers) {
		r.Tags = slices.DeleteFunc(r.Tags, func(tag string) bool { return tag == TagMultiprocessing })
	}
	r.Evidence = nil
	for _, e := range slices.Concat(a.Evidence, b.Evidence) {
		known := slices.ContainsFunc(r.Evidence, func(have Evidence) bool { return have.Tag == e.Tag })
		if slices.Contains(r.Tags, e.Tag) && !known {
			r.Evidence = append(r.Evidence, e)
		}
	}
	r.Later = laterOfBoth(a.Later, b.Later)
	if !slices.Equal(a.Prefixes, b.Prefixes) {
		r.Prefixes = nil
	}
	r.Notes = slices.Clone(a.Notes)
	for _, note := range b.Notes {
		if !slices.Contains(r.Notes, note) {
			r.Notes = append(r.Notes, note)
		}
	}
	return r
}

// laterOfBoth returns the changes of variables before both programs. If the two programs
// differ in a variable, the value of that variable is not known.
func laterOfBoth(a, b []Later) []Later {
	all := map[string]Later{}
	for _, l := range a {
		all[l.Name] = Later{Name: l.Name, By: l.By}
	}
	for _, l := range b {
		have, ok := all[l.Name]
		all[l.Name] = Later{Name: l.Name, By: l.By}
		if ok && slices.Contains(a, l) {
			all[l.Name] = l
		} else if ok {
			all[l.Name] = have
		}
	}
	return (&walker{changed: all}).changes()
}
