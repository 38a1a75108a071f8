// SPDX-License-Identifier: MIT

package policy

import (
	_ "embed"
)

//go:embed builtin.conf
var builtin string

// BuiltinName is the file name of the built-in rules in the sources of settings.
const BuiltinName = "builtin"

// Builtin returns the rules that hold without any site policy. The error is always nil,
// because a test reads the rules.
func Builtin() (Rules, error) {
	return Parse(BuiltinName, builtin, nil)
}
