// SPDX-License-Identifier: MIT

package modules

// builtin holds the modules that every CPython of a major version has built in, so that
// no file of their name is looked for (Modules/config.c.in; sys.builtin_module_names).
// Builds may have more of them.
var builtin = map[int]map[string]bool{
	2: set("sys", "__builtin__", "_ast", "_codecs", "_sre", "_symtable", "_warnings", "_weakref", "errno", "exceptions",
		"gc", "imp", "marshal", "posix", "pwd", "signal", "thread", "zipimport"),
	3: set("sys", "builtins", "_ast", "_codecs", "_collections", "_frozen_importlib", "_frozen_importlib_external",
		"_functools", "_imp", "_io", "_locale", "_operator", "_signal", "_sre", "_stat", "_string", "_symtable", "_thread",
		"_tracemalloc", "_warnings", "_weakref", "atexit", "errno", "faulthandler", "gc", "itertools", "marshal", "posix",
		"pwd", "time"),
}

// early holds modules that Python 3 has imported before the program starts, so that a
// file of the program's does not hide them (sys.modules after Lib/site.py; frozen
// modules, Python/frozen.c).
var early = set("_collections_abc", "_sitebuiltins", "abc", "codecs", "encodings", "genericpath", "io", "os",
	"posixpath", "site", "stat", "zipimport")

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}
