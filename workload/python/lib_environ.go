// SPDX-License-Identifier: MIT

package python

import "strings"

// removed is the value of a variable that the program has deleted.
var removed = &unknown{setting: true}

const environPath = "os.environ"

// environment is os.environ; what the program sets is in the object's scope.
type environment struct {
	get func(name string) (string, bool)
}

// has reports whether a variable is set.
func (e *environment) has(name string) truth {
	if _, ok := e.get(name); ok {
		return yes
	}
	if setLater(name) != nil {
		return unsure
	}
	return no
}

// setLater returns what is known of a variable that is set between the launch and the
// program's start: by slurmstepd or a process manager, for each task. It returns nil for
// any other variable. Source: Slurm's setup_env (src/common/env.c).
func setLater(name string) value {
	switch name {
	case "SLURM_CPUS_ON_NODE", "SLURM_JOB_CPUS_PER_NODE":
		return usable
	case "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_TASK_PID", "SLURM_GTIDS", "SLURM_LAUNCH_NODE_IPADDR", "HOSTNAME", "RANK",
		"LOCAL_RANK", "CUDA_VISIBLE_DEVICES":
		return data
	case "SLURM_NTASKS", "SLURM_NPROCS", "SLURM_NNODES", "SLURM_TASKS_PER_NODE", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_SIZE", "MV2_COMM_WORLD_SIZE",
		"OMPI_COMM_WORLD_LOCAL_SIZE", "OMPI_UNIVERSE_SIZE", "MPI_LOCALNRANKS", "WORLD_SIZE", "LOKY_MAX_CPU_COUNT", "PYTHON_CPU_COUNT":
		return setting
	}
	for _, prefix := range [...]string{"PMI_", "PMIX_", "PMI2_", "OMPI_", "MPI_", "MV2_", "SLURMD_", "SLURM_STEP_", "SLURM_CPU_BIND", "SLURM_TOPOLOGY"} {
		if strings.HasPrefix(name, prefix) {
			return data
		}
	}
	return nil
}

// variable returns os.environ[name]; nil if it is not set.
func (in *interpreter) variable(o *object, name string) value {
	if v, ok := o.scope.get(name); ok {
		if v == value(removed) {
			return nil
		}
		return v
	}
	e, ok := o.data.(*environment)
	if !ok {
		return data
	}
	if v, ok := e.get(name); ok {
		return wordOf(v)
	}
	return setLater(name)
}

func environmentItem(in *interpreter, o *object, name string) value {
	v := in.variable(o, name)
	if v == nil {
		in.throw("KeyError")
		return data
	}
	return v
}

// environ returns the object of os.environ, one for the whole run.
func (in *interpreter) environ() *object {
	if in.environment == nil {
		get := in.program.Environment
		if get == nil {
			get = func(string) (string, bool) { return "", false }
		}
		in.environment = &object{path: environPath, scope: newScope(), data: &environment{get: get}}
	}
	return in.environment
}

func readVariable(c *call) value {
	name, ok := c.text(0, "key")
	if !ok {
		return setting
	}
	v := c.variable(c.environ(), name)
	if v != nil {
		return v
	}
	if missing := c.arg(1, "default"); missing != nil {
		return missing
	}
	return none{}
}

// setVariables is os.environ.update(...): of unknown entries nothing is known.
func setVariables(c *call) value {
	d := newDict()
	if v := c.arg(0, ""); v != nil {
		c.update(d, v)
	}
	for _, name := range sortedNames(c.named) {
		c.setEntry(d, key{text: name, kind: 's'}, c.named[name])
	}
	for _, k := range d.order {
		if v, ok := d.of[k]; ok && k.kind == 's' {
			c.set(c.environ().scope, k.text, v)
		}
	}
	return none{}
}

func setVariable(c *call) value {
	if name, ok := c.text(0, "key"); ok {
		if c.path == "os.environ.setdefault" && c.variable(c.environ(), name) != nil {
			return c.variable(c.environ(), name)
		}
		c.set(c.environ().scope, name, c.arg(1, "value"))
	}
	return c.arg(1, "value")
}
