// SPDX-License-Identifier: MIT

package python

import "strings"

// Size is the origin of the number of a pool's workers.
type Size uint8

const (
	// SizeUnknown is a number of unknown origin, or pools with different origins.
	SizeUnknown Size = iota
	// SizeGiven is a number that the program or its arguments give.
	SizeGiven
	// SizeNode is the number of the node's CPUs online, whatever CPUs the task has: the
	// program asks os.cpu_count() or multiprocessing.cpu_count(), or it gives no number
	// and the library asks. Since Python 3.13 the library asks os.process_cpu_count(),
	// which counts the task's CPUs. PYTHON_CPU_COUNT and -X cpu_count, of 3.13 too,
	// change what os.cpu_count() returns.
	SizeNode
)

// sizeOf returns the origin of a count of workers.
func sizeOf(what string, count value) Size {
	switch v := count.(type) {
	case int64, float64:
		return SizeGiven
	case nil, none:
		if asksNode(what) {
			return SizeNode
		}
	case *many:
		if v.online {
			return SizeNode
		}
	case *either:
		size := sizeOf(what, v.of[0])
		for _, one := range v.of[1:] {
			if sizeOf(what, one) != size {
				return SizeUnknown
			}
		}
		return size
	}
	return SizeUnknown
}

// asksNode reports whether a pool without a number has as many workers as os.cpu_count()
// returns. Source: multiprocessing.pool.Pool.__init__ in Lib/multiprocessing/pool.py and
// ProcessPoolExecutor.__init__ in Lib/concurrent/futures/process.py of CPython 3.9 to
// 3.12, which are alike in it. Those of joblib and loky read the affinity, and
// tqdm's process_map has a bound.
func asksNode(what string) bool {
	return what == "multiprocessing.Pool" || what == "concurrent.futures.ProcessPoolExecutor"
}

// sizeOfAll returns the origin of the number of workers if it is the same for all certain pools.
func (in *interpreter) sizeOfAll(best *sighting) Size {
	if !best.certain || best.effect != effectPool {
		return SizeUnknown
	}
	for i := range in.sightings {
		if s := &in.sightings[i]; s.certain && s.effect == effectPool && s.size != best.size {
			return SizeUnknown
		}
	}
	return best.size
}

// callName is the usual name of a library's call: "Pool()".
func callName(path string) string {
	return path[strings.LastIndexByte(path, '.')+1:] + "()"
}
