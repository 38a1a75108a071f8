// SPDX-License-Identifier: MIT

package python

// joblibCall returns the handler of a call of joblib's. Source: joblib/parallel.py.
func joblibCall(path string) handler {
	switch path {
	case "joblib.Parallel":
		return joblibParallel
	case "joblib.parallel_backend", "joblib.parallel_config":
		return joblibContext
	case "joblib.delayed":
		return first
	}
	return nil
}

// joblibParallel is joblib.Parallel(n_jobs, backend, prefer, require).
func joblibParallel(c *call) value {
	made := &object{path: "joblib.Parallel", scope: newScope()}
	count := c.arg(0, "n_jobs")
	if count == nil || count == (none{}) {
		switch c.joblib {
		case "":
			return made
		case "process", "pool":
			count = none{}
		default:
			return made
		}
	}
	if v := c.arg(-1, "require"); v != nil && v != (none{}) {
		return made
	}
	if v := c.arg(-1, "prefer"); v != nil && equal(v, "threads") == yes {
		return made
	}
	e := effectWorkers
	switch backend := c.arg(1, "backend"); backend {
	case nil, none{}, "loky":
		if c.joblib == "other" {
			return made
		}
		if c.joblib == "pool" && backend != "loky" {
			e = effectPool
		}
	case "multiprocessing":
		e = effectPool // joblib limits the threads of loky's workers only
	default:
		if _, known := backend.(string); known {
			return made
		}
	}
	if n, ok := count.(int64); ok {
		switch {
		case n == 1, n == 0:
			return made
		case n < 0:
			count = none{}
		}
	}
	c.sight(e, c.path, count)
	return made
}

// joblibContext is with parallel_backend("loky"): it holds for each Parallel below.
func joblibContext(c *call) value {
	switch c.arg(0, "backend") {
	case "threading", "sequential", "dask", "ray", "spark", "ipyparallel":
		c.interpreter.joblib = "other"
	case "multiprocessing":
		c.interpreter.joblib = "pool"
	default:
		c.interpreter.joblib = "process"
	}
	return data
}

// contexts returns the backends that a context of joblib's and the configuration of Dask
// have chosen.
func (in *interpreter) contexts() [2]string { return [2]string{in.joblib, in.dask} }

// joinContexts joins the contexts with those of another branch. If they differ, the one
// counts that hides pools, and no pool of multiprocessing is certain.
func (in *interpreter) joinContexts(other [2]string) {
	if in.joblib != other[0] {
		if in.joblib == "other" || other[0] == "other" {
			in.joblib = "other"
		} else {
			in.joblib = "process"
		}
	}
	if other[1] != "" {
		in.dask = other[1]
	}
}
