// SPDX-License-Identifier: MIT

package policy

import (
	_ "embed"
)

//go:embed builtin.conf
var builtin string

// BuiltinName is the file name of the built-in rules in sources.
const BuiltinName = "builtin"

// Builtin returns the rules that hold without any site policy. The error is
// nil: a test reads them.
func Builtin() (Rules, error) {
	return Parse(BuiltinName, builtin, nil)
}
