// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// A crew describes the workers that a well-known program starts.
type crew struct {
	tag   string // "" for none
	count int    // 0 if not known
}

// ownCrew returns a crew of workers whose threads are not limited. A single worker must
// not be bound; nothing else is known of it.
func ownCrew(count int) crew {
	if count == 1 {
		return crew{tag: TagWorkers}
	}
	return crew{TagMultiprocessing, count}
}

// unreadable notes why it is not known which workers a program starts, and what to type.
func (w *walker) unreadable(why string) crew {
	note := why + "; --mp-policy=multiprocessing says that it has workers"
	if !slices.Contains(w.notes, note) {
		w.notes = append(w.notes, note)
	}
	return crew{}
}

// theirCrew returns a crew of workers whose threads must not be changed, if there are
// any.
func theirCrew(are bool) crew {
	if are {
		return crew{tag: TagWorkers}
	}
	return crew{}
}

// crewOf returns the workers of well-known programs that are written in Python, by the
// name of their command or of their module. They are recognised by name, because their
// text is large or it depends on files. The bool is false for any other program.
func (w *walker) crewOf(name string, words []string) (crew, bool) {
	switch name {
	case "dask-mpi":
		return crew{tag: TagMPI}, true
	case "dask-worker", "dask-cuda-worker", "distributed.cli.dask_worker", "dask_cuda.cli":
		// The nanny limits the worker's threads: distributed/distributed.yaml,
		// nanny.pre-spawn-environ.
		return theirCrew(true), true
	case "dask":
		return theirCrew(true), len(words) > 0 && (words[0] == "worker" || words[0] == "cuda")
	case "ray":
		return theirCrew(len(words) > 0 && words[0] == "start"), true
	case "ipcluster", "ipyparallel.cluster":
		return theirCrew(len(words) > 0 && (words[0] == "start" || words[0] == "engines")), true
	case "vllm":
		return theirCrew(len(words) > 0 && words[0] == "serve"), true
	case "vllm.entrypoints.openai.api_server":
		return theirCrew(true), true
	case "process_worker_pool.py", "parsl.executors.high_throughput.process_worker_pool":
		// A worker may have several cores: --cores_per_worker.
		return theirCrew(true), true
	case "submitit.core._submit":
		return w.unreadable("what submitit runs is pickled"), true
	case "ipykernel", "ipykernel_launcher":
		return w.unreadable("what a notebook's kernel runs is not known yet"), true
	case "yolo":
		// Workers of a DataLoader, 8 without an option: ultralytics/cfg/default.yaml.
		return theirCrew(!slices.Contains(words, "workers=0") && (slices.Contains(words, "train") || slices.Contains(words, "val"))), true
	case "snakemake":
		return snakemakeCrew(words), true
	case "pytest", "py.test":
		return w.pytestCrew(words), true
	case "luigi":
		return severalOf(words, 1, "workers"), true
	case "celery":
		return celeryCrew(words), true
	case "gunicorn":
		return severalOf(words, w.number("WEB_CONCURRENCY", 1), "w", "workers"), true
	case "uvicorn":
		return severalOf(words, w.number("WEB_CONCURRENCY", 1), "workers"), true
	}
	if t, ok := toolOf(name); ok {
		return w.toolCrew(&t, words), true
	}
	return crew{}, false
}

// severalOf returns as many workers as an option sets. A single worker computes instead
// of its parent. Sources: luigi/worker.py; gunicorn/config.py, workers; uvicorn/main.py,
// run.
func severalOf(words []string, missing int, names ...string) crew {
	count := missing
	if v, given := optionIn(words, names...); given {
		n, err := strconv.Atoi(v)
		if err != nil {
			return crew{}
		}
		count = n
	}
	if count <= 1 {
		return crew{}
	}
	return ownCrew(count)
}

// snakemakeCrew returns the jobs of snakemake. Snakemake limits their threads: it sets
// OMP_NUM_THREADS for each. With a cluster, the jobs run elsewhere. Sources:
// snakemake/shell.py; snakemake/__init__.py, --cores.
func snakemakeCrew(words []string) crew {
	for _, name := range [...]string{"cluster", "cluster-sync", "cluster-generic-submit-cmd", "drmaa", "slurm", "kubernetes", "tibanna", "flux", "google-lifesciences"} {
		if _, given := optionIn(words, name); given {
			return crew{}
		}
	}
	if executor, given := optionIn(words, "executor", "e"); given && executor != "local" {
		return crew{}
	}
	for _, name := range [...]string{"dry-run", "dryrun", "n", "unlock", "dag", "rulegraph", "list", "l", "summary"} {
		if slices.Contains(words, "-"+name) || slices.Contains(words, "--"+name) {
			return crew{}
		}
	}
	cores, given := optionIn(words, "cores", "c", "jobs", "j")
	return theirCrew(given && cores != "1" && cores != "0")
}

// pytestCrew returns the workers of pytest-xdist: -n N, auto or logical. Sources:
// xdist/plugin.py, parse_numprocesses; pytest's documentation, PYTEST_ADDOPTS.
func (w *walker) pytestCrew(words []string) crew {
	if added, ok := w.variable("PYTEST_ADDOPTS"); ok {
		words = append(strings.Fields(added), words...)
	}
	v, given := optionIn(words, "n", "numprocesses")
	switch {
	case !given:
		return crew{}
	case v == "auto", v == "logical":
		return ownCrew(0)
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return crew{}
	}
	return ownCrew(n)
}

// celeryCrew returns the children of "celery worker". Without an option, there are as
// many as CPUs. In pools that do not consist of processes, there are none. Source:
// celery/bin/worker.py; celery/concurrency/__init__.py.
func celeryCrew(words []string) crew {
	if !slices.Contains(words, "worker") {
		return crew{}
	}
	if pool, given := optionIn(words, "P", "pool"); given && pool != "prefork" && pool != "processes" {
		return crew{}
	}
	v, _ := optionIn(words, "c", "concurrency")
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return ownCrew(0)
	}
	return ownCrew(n)
}

// number returns the number that a variable contains.
func (w *walker) number(variable string, missing int) int {
	v, _ := w.variable(variable)
	if n, err := strconv.Atoi(v); err == nil {
		return n
	}
	return missing
}

// optionIn returns the last value of an option that may stand anywhere among the words:
// "--name value", "--name=value", "-n value" and "-nvalue". A name of one letter has one
// dash.
func optionIn(words []string, names ...string) (value string, given bool) {
	for i, word := range words {
		if word == "--" {
			break
		}
		for _, name := range names {
			rest, ok := strings.CutPrefix(word, dashed(name))
			switch {
			case !ok:
			case rest == "":
				value, given = "", true
				if i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") {
					value = words[i+1]
				}
			case rest[0] == '=':
				value, given = rest[1:], true
			case len(name) == 1:
				value, given = rest, true
			}
		}
	}
	return value, given
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// crew keeps the workers of a well-known program. It returns false for any other program.
func (w *walker) crew(name string, words []string) bool {
	c, ok := w.crewOf(name, words)
	if !ok {
		return false
	}
	w.indirect = w.indirect || startsOthers(name)
	w.add(TagPython, commandLine, 0, name)
	if c.tag == "" {
		return true
	}
	w.workers = c.count
	w.add(c.tag, commandLine, 0, strings.Join(append([]string{name}, words...), " "))
	return true
}

// startedBy looks at the "#!" line of a well-known program. If the line names a Python,
// the step starts this Python. It returns false if there is no such line. Then the
// program has the name of a well-known program, but it is not written in Python.
func (w *walker) startedBy(command string) bool {
	file := w.find(command)
	if file == "" {
		return true
	}
	head, _, err := w.files.read(file, maxHead)
	if err != nil {
		return true
	}
	interpreter, _, isScript := shebang(head)
	if isScript && isPython(path.Base(interpreter)) {
		w.argv0 = interpreter
		w.version, w.direct = w.interpreterOf(interpreter)
	}
	return isScript
}
