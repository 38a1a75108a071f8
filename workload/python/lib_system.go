// SPDX-License-Identifier: MIT

package python

import (
	"cmp"
	"math"
	"path"
	"strings"

	"slurm-mp-policy/workload/python/syntax"
)

// attributeOf returns the handler of attributes that are computed: by the path of the
// object, with "[]" behind it for its items.
func attributeOf(path string) func(in *interpreter, o *object, name string) value {
	switch path {
	case namespacePath, "optparse.Values":
		return missingOption
	case flagsPath:
		return flagAttribute
	case configurationPath, configurationPath + "[]":
		return configured
	case holderPath:
		return holderAttribute
	case environPath + "[]":
		return environmentItem
	case "functools.partial":
		return partialAttribute
	case "pathlib.Path", "pathlib.PurePath":
		return knownAttribute
	}
	return nil
}

// constantOf returns the value of a library's name, if it is a constant.
func (in *interpreter) constantOf(path string) (value, bool) {
	switch path {
	case "sys.argv":
		return in.commandLine(), true
	case flagsPath:
		return in.flags(), true
	case "argparse.SUPPRESS":
		return suppressed, true
	case "argparse.REMAINDER":
		return "...", true
	case "argparse.PARSER":
		return "A...", true
	case "argparse.OPTIONAL":
		return "?", true
	case "argparse.ZERO_OR_MORE":
		return "*", true
	case "argparse.ONE_OR_MORE":
		return "+", true
	case "sys.version_info":
		v := in.program.Python
		if v.Major == 0 {
			return &list{kind: syntax.Tuple, items: []value{int64(3)}, open: true, version: true}, true
		}
		return &list{kind: syntax.Tuple, items: []value{int64(v.Major), int64(v.Minor)}, open: true, version: true}, true
	case "sys.version_info.major":
		return int64(cmp.Or(in.program.Python.Major, 3)), true
	case "sys.version_info.minor":
		if v := in.program.Python; v.Major != 0 {
			return int64(v.Minor), true
		}
		return setting, true
	case "sys.platform":
		return "linux", true
	case "os.name":
		return "posix", true
	case "os.sep", "os.path.sep":
		return "/", true
	case "os.pardir", "os.path.pardir":
		return "..", true
	case "os.curdir", "os.path.curdir":
		return ".", true
	case environPath:
		return in.environ(), true
	case "sys.maxsize":
		return int64(1<<63 - 1), true
	case "typing.TYPE_CHECKING":
		return false, true
	}
	return nil, false
}

// systemCall returns the handler of a call of the standard library.
func systemCall(name string) handler {
	switch name {
	case "os.cpu_count", "multiprocessing.cpu_count":
		return func(*call) value { return online }
	case "os.process_cpu_count", "joblib.cpu_count", "loky.cpu_count", "psutil.cpu_count", "numexpr.detect_number_of_cores":
		return func(*call) value { return usable }
	case "os.sched_getaffinity":
		return func(c *call) value { return c.made(c.path) }
	case "logging.getLogger":
		return func(c *call) value { return c.made(c.path) }
	case "math.ceil":
		return rounded(math.Ceil)
	case "math.floor":
		return rounded(math.Floor)
	case "platform.system":
		return func(*call) value { return "Linux" }
	case "re.compile":
		return func(c *call) value { return c.made(c.path) }
	case "os.getenv", "os.environ.get", "os.environ.pop":
		return readVariable
	case "os.environ.update":
		return setVariables
	case "os.environ.setdefault", "os.putenv":
		return setVariable
	case "sys.exit", "os._exit":
		return exitWith
	case "os.abort":
		return refuse
	case "os.path.join":
		return joinPaths
	case "os.path.dirname":
		return onPath(directoryOf)
	case "os.path.basename":
		return onPath(path.Base)
	case "os.path.abspath", "os.path.realpath", "os.path.normpath":
		return onPath(path.Clean)
	case "os.path.expanduser", "sys.path.extend":
		return opaque
	case "sys.path.insert", "sys.path.append", "site.addsitedir":
		return addPath
	case "importlib.import_module":
		return importModule
	case "runpy.run_path":
		return runPath
	case "runpy.run_module":
		return runModule
	case "functools.partial":
		return partial
	case "threading.Thread":
		return thread
	case "threading.Thread.start", "threading.Thread.run":
		return startThread
	case "asyncio.run", "timeit.timeit":
		return runFirst
	case "functools.wraps", "functools.lru_cache", "functools.cache", "atexit.register", "signal.signal", "cProfile.run",
		"os.system":
		return opaqueOnly
	case "cProfile.Profile.runcall", "concurrent.futures.ThreadPoolExecutor.submit", "concurrent.futures.ThreadPoolExecutor.map",
		"concurrent.futures.InterpreterPoolExecutor.submit", "concurrent.futures.InterpreterPoolExecutor.map",
		"multiprocessing.dummy.Pool.map", "multiprocessing.dummy.Pool.apply":
		return applyFirst
	case "copy.copy", "copy.deepcopy":
		return first
	case "typing.cast":
		return second
	case "collections.OrderedDict":
		return toDict
	case "collections.namedtuple":
		return namedTuple
	case "collections.defaultdict":
		return emptyDict
	case "types.SimpleNamespace", "argparse.Namespace":
		return simpleNamespace
	case "input":
		return unknownSetting
	case "itertools.chain":
		return chain
	case "unittest.main", "pytest.main":
		return runClasses
	case "luigi.run", "luigi.cmdline.luigi_run":
		return runTasks
	}
	return nil
}

func first(c *call) value  { return orUnknown(c.arg(0, "")) }
func second(c *call) value { return orUnknown(c.arg(1, "")) }

func orUnknown(v value) value {
	if v == nil {
		return data
	}
	return v
}

// opaqueOnly is a call that does not call the functions among its arguments while the program runs, or
// returns them unchanged.
func opaqueOnly(*call) value { return data }

func emptyDict(*call) value {
	d := newDict()
	d.open = true
	return d
}

func chain(c *call) value {
	l := &list{kind: syntax.Generator}
	for _, v := range c.positional {
		l.extend(c.settle(v))
	}
	return l
}

func simpleNamespace(c *call) value {
	o := &object{path: namespacePath, scope: newScope()}
	for _, name := range c.order {
		o.scope.put(name, c.named[name])
	}
	return o
}

func joinPaths(c *call) value {
	joined := ""
	for i := range c.positional {
		s, ok := c.arg(i, "").(string)
		if !ok {
			return data
		}
		if strings.HasPrefix(s, "/") {
			joined = ""
		}
		if len(joined)+len(s) > maxText {
			return data
		}
		joined = path.Join(joined, s)
	}
	return joined
}

func directoryOf(name string) string {
	dir, _ := path.Split(name)
	if dir == "/" {
		return dir
	}
	return strings.TrimSuffix(dir, "/")
}

func onPath(f func(string) string) handler {
	return func(c *call) value {
		if s, ok := c.text(0, ""); ok {
			return f(s)
		}
		return data
	}
}

// addPath is sys.path.insert(0, directory).
func addPath(c *call) value {
	dir, ok := c.text(len(c.positional)-1, "")
	if ok && c.program.AddPath != nil {
		c.program.AddPath(dir, strings.HasSuffix(c.path, "insert"))
		for name, m := range c.modules {
			if m == nil {
				delete(c.modules, name) // it may be found now
			}
		}
	}
	return none{}
}
