// SPDX-License-Identifier: MIT

package policy

import (
	"maps"
	"slices"
	"strings"
)

// Later is the change of one variable before the program starts.
type Later struct {
	Value   string
	Removed bool
}

// reaching returns the part of the user's environment that the program gets, with the
// variables that are set before the program starts.
func reaching(base map[string]string, prefixes []string, later map[string]Later) map[string]string {
	if len(prefixes)+len(later) == 0 {
		return base
	}
	env := map[string]string{}
	if len(prefixes) > 0 {
		for _, prefix := range slices.Backward(prefixes) {
			for name, value := range base {
				if inside, ok := strings.CutPrefix(name, prefix); ok {
					env[inside] = value
				}
			}
		}
	} else {
		maps.Copy(env, base)
	}
	for name, l := range later {
		if l.Removed {
			delete(env, name)
		} else {
			env[name] = l.Value
		}
	}
	return env
}

// outside turns the settings of the environment inside a container into settings of the
// environment outside it. The variables without a prefix are set as well, unless the user has set
// them: the program that starts the container may read them.
func outside(inside map[string]Setting, base map[string]string, prefixes []string) map[string]Setting {
	settings := map[string]Setting{}
	for name, s := range inside {
		if _, has := base[name]; !has && s.Action == Set {
			plain := s
			plain.Was = ""
			settings[name] = plain
		}
		if s.Action == Append {
			appendOutside(settings, s, base, prefixes)
			continue
		}
		if s.Action == Keep && !isPrefixed(name, base, prefixes) {
			settings[name] = s // the variable is set later
		}
		for _, prefix := range prefixes {
			own, has := base[prefix+name]
			if !has && s.Action != Set {
				continue
			}
			s.Name, s.Was = prefix+name, ""
			if has && s.Action != Keep {
				s.Was = own
			}
			settings[s.Name] = s
		}
	}
	return settings
}

// appendOutside appends to the lists that exist. A new list with the other prefix would
// replace the user's own list inside.
func appendOutside(settings map[string]Setting, s Setting, base map[string]string, prefixes []string) {
	name := s.Name
	settings[name] = s
	for _, prefix := range prefixes {
		s.Name = prefix + name
		if _, has := base[s.Name]; has || !isPrefixed(name, base, prefixes) {
			settings[s.Name] = s
		}
	}
}

func isPrefixed(name string, base map[string]string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if _, has := base[prefix+name]; has {
			return true
		}
	}
	return false
}
