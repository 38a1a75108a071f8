// SPDX-License-Identifier: MIT

package python

// samplerRow returns the row of a call that evaluates a function of the program in
// processes: samplers, optimisers, integrators. Sources: scipy/_lib/_util.py,
// MapWrapper (a number is a pool, a map-like callable is none);
// schwimmbad/multiprocessing.py; dynesty/pool.py; bilby/core/sampler/base_sampler.py;
// emcee/interruptible_pool.py of version 2; nautilus/sampler.py; pymc/sampling/mcmc.py
// (blas_cores); cmdstanpy/model.py (a program for each chain, on one thread);
// pymoo/parallelization/joblib.py.
func samplerRow(path string) row {
	switch path {
	case "scipy.optimize.differential_evolution", "scipy.optimize.brute", "scipy.optimize.shgo", "scipy.integrate.quad_vec", "scipy.integrate.cubature",
		"scipy.stats.multiscale_graphcorr":
		return row{effect: effectPool, count: "workers", at: -1, need: true, check: isNumber("workers")}
	case "nautilus.Sampler":
		return row{effect: effectPool, count: "pool", at: -1, need: true, check: isNumber("pool")}
	case "schwimmbad.MultiPool", "pycbc.pool.BroadcastPool", "emcee.interruptible_pool.InterruptiblePool":
		return own("processes", 0)
	case "schwimmbad.JoblibPool":
		return theirs("n_jobs", 0)
	case "pymoo.parallelization.joblib.JoblibParallelization", "pymoo.parallelization.JoblibParallelization":
		return theirs("n_jobs", 0)
	case "dynesty.pool.Pool":
		return own("njobs", 0)
	case "emcee.EnsembleSampler": // of version 2
		return row{effect: effectPool, count: "threads", at: -1, need: true, check: unlessOne("threads", -1)}
	case "bilby.run_sampler":
		return row{effect: effectPool, count: "npool", at: -1, need: true, check: unlessOne("npool", -1)}
	case "pymc.sample":
		return row{effect: effectWorkers, count: "cores", at: -1, check: severalChains}
	case "pymc.sample_smc":
		return row{effect: effectWorkers, count: "cores", at: -1, check: unlessOne("chains", -1)}
	case "cmdstanpy.CmdStanModel.sample":
		return row{effect: effectWorkers, count: "parallel_chains", at: 2, check: unlessOne("chains", 1)}
	}
	return row{}
}

// severalChains is a check: PyMC runs its own sampler's chains in processes if there
// are several. Source: pymc/sampling/mcmc.py.
func severalChains(c *call) truth {
	if sampler := c.arg(-1, "nuts_sampler"); sampler != nil && equal(sampler, "pymc") == no {
		return no
	}
	return unlessOne("chains", -1)(c)
}

// mapOf is pathos.maps.Map(pool, *args): a call of it makes the pool. Source:
// pathos/maps.py.
func mapOf(c *call) value {
	if len(c.positional) == 0 {
		return c.made("pathos.maps.Map")
	}
	return &object{path: "pathos.maps.Map", scope: newScope(), data: &pending{
		function:  c.positional[0],
		arguments: arguments{positional: c.positional[1:], named: c.named, order: c.order, more: c.more, moreNamed: c.moreNamed},
	}}
}

func callMapOf(c *call) value {
	if p, ok := payload[*pending](c.self); ok {
		c.call(c.settle(p.function), p.arguments, c.line)
	}
	c.callbacks(&c.arguments)
	return data
}
