// SPDX-License-Identifier: MIT

package python

import "strings"

// environmentRow returns the row of a call that runs copies of an environment or
// individuals of a population in processes. A process of an environment computes on
// one thread mostly, and the network in the parent computes with threads: they are left
// alone. Sources: stable_baselines3/common/vec_env/subproc_vec_env.py;
// baselines/common/cmd_util.py (one environment is run in the parent);
// gymnasium/vector/async_vector_env.py; gym/vector/__init__.py; tianshou/env/venvs.py;
// neat/parallel.py.
func environmentRow(path string) row {
	switch path {
	case subprocVecEnv, "stable_baselines.common.vec_env.SubprocVecEnv", "baselines.common.vec_env.SubprocVecEnv", "gymnasium.vector.AsyncVectorEnv",
		"gym.vector.AsyncVectorEnv", "tianshou.env.SubprocVectorEnv", "tianshou.env.ShmemVectorEnv", "tianshou.env.RayVectorEnv":
		return row{effect: effectWorkers}
	case "gym.vector.make", "gymnasium.vector.make":
		return row{effect: effectWorkers, count: "num_envs", at: 1, check: unlessFalse("asynchronous", 2)}
	case "baselines.common.cmd_util.make_vec_env":
		return row{effect: effectWorkers, count: "num_env", at: 2}
	case "neat.ParallelEvaluator":
		return own("num_workers", 0)
	}
	return row{}
}

const subprocVecEnv = "stable_baselines3.common.vec_env.SubprocVecEnv"

// environmentCall returns the handler of a call that makes environments of a class or
// in a mode that is an argument.
func environmentCall(path string) handler {
	switch path {
	case "stable_baselines3.common.env_util.make_vec_env", "stable_baselines3.common.env_util.make_atari_env",
		"stable_baselines.common.make_vec_env", "stable_baselines.common.cmd_util.make_vec_env":
		return makeVecEnv
	case "gymnasium.make_vec":
		return makeVec
	}
	return nil
}

// makeVecEnv is make_vec_env(env_id, n_envs=1, vec_env_cls=SubprocVecEnv). Without a
// class the environments are run in the parent. Source:
// stable_baselines3/common/env_util.py.
func makeVecEnv(c *call) value {
	c.sightIf(inProcesses(c.arg(7, "vec_env_cls")), effectWorkers, none{})
	c.callbacks(&c.arguments)
	return c.made("stable_baselines3.common.vec_env.VecEnv")
}

// inProcesses reports whether a class of environments is SubprocVecEnv.
func inProcesses(v value) truth {
	switch v := v.(type) {
	case nil, none:
		return no
	case *library:
		return truthOf(strings.HasSuffix(v.path, ".SubprocVecEnv"))
	case *class:
		return truthOf(v.isA(subprocVecEnv))
	case *object:
		if p, ok := v.data.(*pending); ok {
			return inProcesses(p.function) // a partial
		}
		return no
	case *either:
		result := inProcesses(v.of[0])
		for _, one := range v.of[1:] {
			if inProcesses(one) != result {
				return unsure
			}
		}
		return result
	}
	return unsure
}

// makeVec is gymnasium.make_vec(id, num_envs=1, vectorization_mode=None): only "async"
// makes processes. Source: gymnasium/envs/registration.py.
func makeVec(c *call) value {
	asynchronous := no
	switch mode := c.arg(2, "vectorization_mode").(type) {
	case nil, none:
	case string:
		asynchronous = truthOf(mode == "async")
	case *library:
		asynchronous = truthOf(strings.HasSuffix(mode.path, ".ASYNC"))
	default:
		asynchronous = unsure
	}
	c.sightIf(asynchronous, effectWorkers, none{})
	c.callbacks(&c.arguments)
	return c.made("gymnasium.vector.VectorEnv")
}
