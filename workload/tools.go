// SPDX-License-Identifier: MIT

package workload

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// allCPUs means "as many workers as CPUs" in the table of tools.
const allCPUs = -1

// A tool is a well-known program that works on many files. An option sets the number of
// its processes. It is not followed, because that would take longer than a launch may
// wait, or because the tool finds its modules by name.
type tool struct {
	options  []string // the last option that is given counts
	variable string   // environment variable that counts if no option is given
	missing  int      // workers if neither option nor variable is given
	// zero is the number of workers if the given number is below one.
	zero int
	bare int  // workers if the option has no value, for example at the end of the line
	one  bool // a single worker is also a process beside its parent
	// verbs are the subcommands that have workers. Nil means that the tool has no
	// subcommands.
	verbs []string
	// suffix is the suffix of a file name. For one such file there are no workers.
	suffix string
	// idle are further options. With one of them there are no workers.
	idle []string
	// needs are options. Without at least one of them there are no workers.
	needs []string
	// may reports that without an option it depends on files whether there are workers.
	may bool
}

// toolOf returns the tool with the name of a command or of a module. The sources are
// files of the tool of that name.
func toolOf(name string) (tool, bool) {
	switch name {
	case "black":
		// black/__init__.py, main; black/concurrency.py, reformat_many.
		return tool{
			options: []string{"W", "workers"}, variable: "BLACK_NUM_WORKERS", missing: allCPUs, zero: allCPUs,
			suffix: ".py", idle: []string{"-", "-c", "--code"},
		}, true
	case "autopep8":
		// autopep8.py, parse_args and fix_multiple_files.
		return tool{
			options: []string{"j", "jobs"}, missing: 1, zero: allCPUs, suffix: ".py", idle: []string{"-"},
			needs: []string{"-i", "--in-place", "-d", "--diff"},
		}, true
	case "flake8":
		// flake8/main/options.py, --jobs; flake8/checker.py, _job_count and run.
		return tool{options: []string{"j", "jobs"}, missing: allCPUs, suffix: ".py", idle: []string{"-", "--diff", "--bug-report"}}, true
	case "pylint":
		// pylint/lint/base_options.py, jobs; pylint/lint/run.py; pylint/lint/pylinter.py, check.
		return tool{options: []string{"j", "jobs"}, missing: 1, zero: allCPUs, idle: []string{"--from-stdin"}}, true
	case "isort":
		// isort/main.py, --jobs and main.
		return tool{
			options: []string{"j", "jobs"}, missing: 0, bare: allCPUs, one: true, suffix: ".py", idle: []string{"-", "--show-settings", "--show-files"},
		}, true
	case "2to3", "lib2to3":
		// lib2to3/main.py, --processes; lib2to3/refactor.py, MultiprocessRefactoringTool.
		return tool{options: []string{"j", "processes"}, missing: 1, idle: []string{"-", "-l", "--list-fixes"}}, true
	case "futurize", "pasteurize", "python3-futurize", "python3-pasteurize", "libfuturize.main", "libpasteurize.main":
		// libfuturize/main.py and libpasteurize/main.py, --processes, for lib2to3/refactor.py.
		return tool{options: []string{"j", "processes"}, missing: 1, idle: []string{"-", "-l", "--list-fixes"}}, true
	case "nosetests", "nosetests3", "nose":
		// nose/plugins/multiprocess.py, --processes.
		return tool{options: []string{"processes"}, variable: "NOSE_PROCESSES", one: true}, true
	case "doit":
		// doit/cmd_run.py, opt_num_process and opt_parallel_type; doit/runner.py, MRunner.
		return tool{options: []string{"n", "process"}, one: true, idle: []string{"thread", "-Pthread", "--parallel-type=thread"}}, true
	case "stestr":
		// stestr/commands/run.py, --concurrency; stestr/test_processor.py.
		return tool{
			options: []string{"concurrency"}, missing: allCPUs, zero: allCPUs, one: true, verbs: []string{"run"}, idle: []string{"--serial", "--pdb"},
		}, true
	case "django-admin":
		// django/test/runner.py, --parallel and ParallelTestSuite.
		return tool{options: []string{"parallel"}, bare: allCPUs, verbs: []string{"test"}}, true
	case "huey_consumer", "huey_consumer.py":
		// huey/consumer_options.py, -w and -k; huey/consumer.py, create_process.
		return tool{
			options: []string{"w", "workers"}, missing: 1, one: true, needs: []string{"process", "-kprocess", "--worker-type=process"},
		}, true
	case "cutadapt":
		// cutadapt/cli.py, --cores; cutadapt/runners.py, ParallelPipelineRunner.
		return tool{options: []string{"j", "cores"}, missing: 1, zero: allCPUs}, true
	case "sphinx-build", "sphinx", "sphinx.cmd.build":
		// sphinx/cmd/build.py, jobs_argument; sphinx/util/parallel.py, ParallelTasks.
		return tool{options: []string{"j", "jobs"}, missing: 1}, true
	case "sqlfluff":
		// sqlfluff/core/default_config.cfg, processes; sqlfluff/core/linter/runner.py, get_runner.
		return tool{options: []string{"p", "processes"}, missing: 1, zero: allCPUs, verbs: []string{"lint", "fix", "format"}, idle: []string{"-"}}, true
	case "cythonize", "Cython.Build.Cythonize":
		// Cython/Build/Cythonize.py, --parallel; Cython/Build/Dependencies.py, cythonize.
		return tool{options: []string{"j", "parallel"}, missing: allCPUs, suffix: ".pyx"}, true
	case "trial", "trial3", "twisted.trial":
		// twisted/scripts/trial.py, --jobs; twisted/trial/_dist/disttrial.py, launchWorkerProcesses.
		return tool{options: []string{"j", "jobs"}, missing: 0, one: true}, true
	case "ansible-playbook", "ansible":
		// ansible/config/base.yml, DEFAULT_FORKS; ansible/plugins/strategy/__init__.py, _queue_task.
		return tool{
			options: []string{"f", "forks"}, variable: "ANSIBLE_FORKS", missing: 5, may: true,
			idle: []string{"--list-hosts", "--list-tasks", "--list-tags", "--syntax-check"},
		}, true
	}
	return tool{}, false
}

// toolCrew returns the workers that a tool starts for the words of its command line.
func (w *walker) toolCrew(t *tool, words []string) crew {
	has := func(word string) bool { return slices.Contains(words, word) }
	switch {
	case has("-h"), has("--help"), has("--version"), slices.ContainsFunc(t.idle, has):
		return crew{}
	case len(t.needs) > 0 && !slices.ContainsFunc(t.needs, has):
		return crew{}
	case len(t.verbs) > 0 && !slices.ContainsFunc(t.verbs, has):
		return crew{}
	case t.suffix != "" && isOneFile(words, t.suffix):
		return crew{}
	}
	value, given := optionIn(words, t.options...)
	if !given && t.variable != "" {
		value, given = w.variable(t.variable)
	}
	count := t.missing
	if n, err := strconv.Atoi(value); given && err == nil && n > 0 {
		count = n
	} else if given && err == nil {
		count = t.zero
	} else if given && value == "auto" {
		count = allCPUs
	} else if given && value == "" {
		count = t.bare
	} else if given {
		return crew{}
	}
	switch {
	case count == allCPUs:
		return ownCrew(0)
	case count == 0, count == 1 && !t.one:
		return crew{}
	case !given && t.may:
		return theirCrew(true)
	}
	return ownCrew(count)
}

// isOneFile reports whether a command line names one file with a suffix and nothing else
// that may be a file or a directory. A word after an option may be the option's value.
func isOneFile(words []string, suffix string) bool {
	files := 0
	for i, word := range words {
		switch {
		case strings.HasPrefix(word, "-"):
		case path.Ext(word) == suffix:
			files++
		case i == 0 || !strings.HasPrefix(words[i-1], "-"):
			return false
		}
	}
	return files == 1
}
