// SPDX-License-Identifier: MIT

package python

import (
	"strings"
	"sync"
)

// optionTable is the handlers of libraries that parse options. A table is made when a
// program first uses one of its libraries: most programs use one library of them.
type optionTable struct {
	once  sync.Once
	calls map[string]handler
}

var optionTables [numberOfTables]optionTable

// optionCall returns the handler of a function of a library that parses options.
func optionCall(path string) handler {
	root, _, _ := strings.Cut(path, ".")
	first, second := optionTablesOf(root)
	for _, at := range [...]int{first, second} {
		if at < 0 {
			continue
		}
		t := &optionTables[at]
		t.once.Do(func() { t.calls = makeOptionTable(at) })
		if h, ok := t.calls[path]; ok {
			return h
		}
	}
	return nil
}

// Tables of optionTables.
const (
	argparseTable = iota
	clickTable
	optparseTable
	getoptTable
	abslTable
	typerTable
	recordTable
	fireTable
	docoptTable
	hydraTable
	numberOfTables
)

func makeOptionTable(at int) map[string]handler {
	switch at {
	case argparseTable:
		return argparseCalls()
	case clickTable:
		return clickCalls()
	case optparseTable:
		return optparseCalls()
	case getoptTable:
		return getoptCalls()
	case abslTable:
		return abslCalls()
	case typerTable:
		return typerCalls()
	case recordTable:
		return recordCalls()
	case fireTable:
		return fireCalls()
	case docoptTable:
		return docoptCalls()
	}
	return hydraCalls()
}

// optionTablesOf returns the tables that have functions of a root package, -1 for none.
func optionTablesOf(root string) (first, second int) {
	switch root {
	case "argparse", "configargparse", "gooey":
		return argparseTable, -1
	case "argh", "jsonargparse", "simple_parsing", "tap", "transformers":
		return argparseTable, recordTable
	case "clize", "datargs", "defopt", "draccus", "plac", "pyrallis", "tyro", "wrapped record":
		return recordTable, -1
	case "click":
		return clickTable, -1
	case "optparse":
		return optparseTable, -1
	case "getopt":
		return getoptTable, -1
	case "absl":
		return abslTable, -1
	case "typer":
		return typerTable, -1
	case "fire":
		return fireTable, -1
	case "docopt":
		return docoptTable, -1
	case "hydra":
		return hydraTable, -1
	}
	return -1, -1
}
