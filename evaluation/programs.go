// SPDX-License-Identifier: MIT

package evaluation

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"slurm-mp-policy/regular"
	"slurm-mp-policy/workload"
)

// maxPrograms bounds how many programs of a --multi-prog step are looked at. Any further
// program counts as not recognised.
const maxPrograms = 32

// programs has the programs of the step. Only a --multi-prog step has more than one.
type programs struct {
	list  []workload.Result
	multi map[int]int // index of each rank's program; nil: every rank runs program 0
	look  func(rank int) int
}

func (p *programs) of(rank int) int {
	if p.look == nil {
		if len(p.list) == 0 {
			p.list = []workload.Result{{}}
		}
		return 0
	}
	at, ok := p.multi[rank]
	if !ok {
		at = p.look(rank)
		p.multi[rank] = at
	}
	return at
}

func newPrograms(e *Evaluation) programs {
	r := &e.Request
	switch {
	case r.Kind == "batch":
		return programs{list: []workload.Result{e.recognise(r.Argv, workload.Batch)}}
	case r.Kind != "step":
		// The commands that a user types into a shell are not known. For such a step, the
		// rules hold only if the user asks for them.
		return programs{list: []workload.Result{e.asked(workload.Result{})}}
	case !e.isMultiProg():
		return programs{list: []workload.Result{e.recognise(r.Argv, workload.Recognise)}}
	}
	p := programs{multi: map[int]int{}}
	seen := map[string]int{}
	p.look = func(rank int) int {
		argv, err := workload.MultiProg(r.Argv[1], rank, r.Tasks)
		if err != nil {
			e.warn(err)
		}
		argv = append(argv, r.Argv[2:]...)
		key := strings.Join(argv, "\x00")
		at, ok := seen[key]
		if !ok {
			at = len(e.programs.list)
			seen[key] = at
			program := workload.Result{}
			if at < maxPrograms && err == nil {
				program = e.recognise(argv, workload.Recognise)
			}
			e.programs.list = append(e.programs.list, program)
		}
		return at
	}
	return p
}

func (e *Evaluation) recognise(argv []string, follow func(workload.Command) (workload.Result, error)) workload.Result {
	program, err := follow(workload.Command{
		Argv: argv, Dir: e.Request.Dir, Env: e.env, Root: e.Request.Root,
		Deadline: e.Request.Deadline,
	})
	if err != nil {
		// for example a program that its user may run but not read: not for the log
		e.notes = append(e.notes, err.Error())
	}
	e.notes = append(e.notes, program.Notes...)
	return e.asked(program)
}

// describes reports whether the user's words about the program (multiprocessing, mpi,
// workers=N) hold for this one. MP_POLICY is inherited by every step of a job, also as
// what sbatch was given, so in a step it describes only programs that are Python.
func (e *Evaluation) describes(program workload.Result) bool {
	return e.from != fromVariable || e.Request.Kind != "step" || slices.Contains(program.Tags, workload.TagPython)
}

// asked adds the user's words about the program. The word multiprocessing asks for a cap
// of the threads, whatever library starts the workers.
func (e *Evaluation) asked(program workload.Result) workload.Result {
	if !e.describes(program) {
		if e.Choice.Multiprocessing || e.Choice.MPI {
			e.notes = append(e.notes, "multiprocessing, mpi and workers=N of MP_POLICY hold only for Python; give them with --mp-policy for this program")
		}
		return program
	}
	if e.Choice.Multiprocessing || e.Choice.MPI {
		program.Beside = ""
	}
	add := func(tag string) {
		if !slices.Contains(program.Tags, tag) {
			program.Tags = append(program.Tags, tag)
			program.Evidence = append(program.Evidence, workload.Evidence{Tag: tag, File: "--mp-policy or MP_POLICY", Text: "the user says so"})
		}
	}
	if e.Choice.Multiprocessing {
		program.Tags = slices.DeleteFunc(program.Tags, func(tag string) bool { return tag == workload.TagWorkers })
		add(workload.TagMultiprocessing)
	}
	if e.Choice.MPI {
		add(workload.TagMPI)
	}
	slices.Sort(program.Tags)
	return program
}

// isMultiProg reports whether this is a step of srun --multi-prog; Slurm does not pass
// that. The first word of such a step is the configuration file. The second word is the
// text of this file, as srun read it. If the file cannot be compared here, it is enough
// that the first word is not a program and the second word is such a text. Otherwise the
// step could not run.
func (e *Evaluation) isMultiProg() bool {
	r := &e.Request
	if len(r.Argv) < 2 {
		return false
	}
	if _, err := workload.MultiProg(r.Argv[1], 0, r.Tasks); err != nil {
		return false
	}
	path := r.Argv[0]
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.Dir, path)
	}
	path = filepath.Join(r.Root, path)
	if text, err := regular.Read(path, workload.MaxMultiProg); err == nil && text == r.Argv[1] {
		return true
	}
	if strings.Contains(r.Argv[0], "/") {
		return !executable(path)
	}
	return !slices.ContainsFunc(filepath.SplitList(e.env["PATH"]), func(dir string) bool {
		return executable(filepath.Join(r.Root, dir, r.Argv[0]))
	})
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
