// SPDX-License-Identifier: MIT

package policy

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is the version of a Python interpreter. The zero Version means not known.
type Version struct {
	Major int
	Minor int // in a rule, -1 means any minor version
}

// parseVersion reads "3.13", or "3" for every version 3.
func parseVersion(text string) (Version, error) {
	major, minor, both := strings.Cut(text, ".")
	v := Version{Minor: -1}
	n, err := strconv.ParseUint(major, 10, 8)
	v.Major = int(n)
	if err == nil && both {
		n, err = strconv.ParseUint(minor, 10, 8)
		v.Minor = int(n)
	}
	if err != nil || v.Major == 0 {
		return Version{}, fmt.Errorf("%q is no version of Python; want one as 3.13 or 3", text)
	}
	return v, nil
}

// String returns the version as a rule may have it.
func (v Version) String() string {
	if v.Minor < 0 {
		return strconv.Itoa(v.Major)
	}
	return fmt.Sprintf("%d.%d", v.Major, v.Minor)
}

// compares returns false if the version is not known. 3.9 is below 3.13. All versions 3
// are equal to the version 3 of a rule.
func (v Version) compares(how byte, with Version) bool {
	if v == (Version{}) {
		return false
	}
	difference := v.Major - with.Major
	if difference == 0 && with.Minor >= 0 {
		difference = v.Minor - with.Minor
	}
	switch how {
	case '<':
		return difference < 0
	case '>':
		return difference > 0
	}
	return difference == 0
}
