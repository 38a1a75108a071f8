// SPDX-License-Identifier: MIT

package workload

// IsPython reports whether a program of this base name is a Python interpreter, such as
// python3.12 and pypy3.
func IsPython(name string) bool { return isPython(name) }
