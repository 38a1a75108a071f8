// SPDX-License-Identifier: MIT

package workload

// unread describes the program of a module that cannot be read before it runs. It returns "" for
// any other module. Sources: ipykernel/kernelapp.py,
// submitit/core/_submit.py, parsl/executors/high_throughput/process_worker_pool.py,
// distributed/cli/dask_worker.py, papermill/__main__.py.
func unread(module string) string {
	switch module {
	case "ipykernel", "ipykernel_launcher":
		return "a notebook's kernel runs what is typed into it"
	case "papermill", "nbconvert", "jupyter":
		return "a notebook's cells are not read"
	case "submitit.core._submit":
		return "the function is in a pickled file"
	}
	return ""
}

// notRead adds a note that a program is not read, with the words that its user can type.
func (w *walker) notRead(why string) {
	w.note(why + "; if it starts worker processes, say --mp-policy=multiprocessing")
}
