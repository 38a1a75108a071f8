// SPDX-License-Identifier: MIT

package site

import (
	"strings"
	"testing"
)

func TestOption(t *testing.T) {
	off, words := leftOff+"=(null)", leftWords+"="
	for _, c := range []struct {
		given string
		env   []string
		want  string
	}{
		{"", nil, ""},
		{"", []string{off}, "off"},
		{"", []string{words + "workers=2", off}, "off"},
		{"", []string{words + "workers=2"}, "workers=2"},
		{"", []string{words + "bogus"}, ""},
		{"on", []string{off}, "on"},
		{"explain", []string{off}, "off,explain"},
		{"explain", []string{words + "off,explain"}, "off,explain"},
		{"explain", nil, "explain"},
		{"explain", []string{words + strings.Repeat("on,", 82) + "workers=4"}, strings.Repeat("on,", 82) + "workers=4"},
		{"", []string{"MP_POLICY=on", off}, ""},
		{"", []string{"MP_POLICY=", off}, ""},
	} {
		if got := Option(c.given, c.env); got != c.want {
			t.Errorf("%q with %q: %q, want %q", c.given, c.env, got, c.want)
		}
	}
}
