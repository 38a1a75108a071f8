// SPDX-License-Identifier: MIT

package python

import "strings"

// bagPath is the path of a bag of Dask's.
const bagPath = "dask.bag.Bag"

// daskCall returns the handler of a call of Dask's. A bag is computed by processes if
// nothing else is said, arrays, data frames and delayed calls by threads. The threads
// of the processes are not limited. Sources: dask/bag/core.py, dask/multiprocessing.py,
// dask/base.py (get_scheduler).
func daskCall(path string) handler {
	switch path {
	case "dask.config.set":
		return daskConfig
	case "dask.compute", "dask.persist":
		return computeAll
	}
	name, ok := strings.CutPrefix(path, "dask.bag.")
	if !ok {
		return nil
	}
	switch strings.TrimPrefix(name, "Bag.") {
	case "compute", "persist", "to_textfiles", "to_avro":
		return computeBag
	case "to_dataframe", "to_delayed":
		return opaque
	}
	return bag
}

func bag(c *call) value {
	c.callbacks(&c.arguments)
	return c.made(bagPath)
}

func computeBag(c *call) value {
	if v, ok := c.named["scheduler"]; ok {
		c.scheduler(c.settle(v))
		return data
	}
	if c.dask == "" {
		c.sight(effectPool, c.path, c.daskWorkers())
	}
	return data
}

func computeAll(c *call) value {
	for _, v := range c.positional {
		if o, ok := c.settle(v).(*object); ok && o.path == bagPath {
			return computeBag(c)
		}
	}
	c.keywords()
	return data
}

// daskConfig is dask.config.set(scheduler="processes"), or with a dict.
func daskConfig(c *call) value {
	v := c.arg(-1, "scheduler")
	if d, ok := c.arg(0, "arg").(*dict); ok && v == nil {
		v, _ = d.get("scheduler")
		v = c.settle(v)
	}
	if v == nil {
		return data
	}
	c.scheduler(v)
	c.dask = "other" // what was said is seen here
	return data
}

// scheduler records the workers of a scheduler that is an argument of Dask's calls.
func (c *call) scheduler(v value) {
	switch v {
	case "processes", "multiprocessing":
		c.sight(effectPool, "scheduler", c.daskWorkers())
	}
}

// daskWorkers returns how many processes are asked for: as many as CPUs if none are.
func (c *call) daskWorkers() value {
	if n, ok := c.arg(-1, "num_workers").(int64); ok && n > 0 {
		return n
	}
	return none{}
}
