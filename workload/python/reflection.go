// SPDX-License-Identifier: MIT

package python

import (
	"strings"
)

func getAttribute(c *call) value {
	name, ok := c.text(1, "")
	v := c.arg(0, "")
	if !ok {
		if alternatives, ok := c.arg(1, "").(*either); ok {
			return c.ofEach(alternatives, func(one value) value {
				if name, ok := one.(string); ok {
					return c.settle(c.attribute(v, name))
				}
				return data
			})
		}
		return unknownOf(v, c.arg(1, ""))
	}
	if missing := c.arg(2, ""); missing != nil && c.hasAttribute(v, name) == no {
		return missing
	}
	return c.settle(c.attribute(v, name))
}

// hasAttribute returns what is known of hasattr(v, name).
func (in *interpreter) hasAttribute(v value, name string) truth {
	switch v := v.(type) {
	case *instance:
		if _, ok := v.scope.get(name); ok {
			return yes
		}
		if _, from, ok := v.class.lookup(name); ok {
			return yes
		} else if from == nil && !v.open {
			return no
		}
	case *object:
		if _, ok := v.scope.get(name); ok {
			return yes
		}
		if is, isOpen := isNamespace(v); is && !isOpen {
			return no
		}
	case *module:
		in.load(v)
		if _, ok := v.scope.get(name); ok {
			return yes
		}
	case *library:
		if isKnown(v.path+"."+name) || v.path == "os" && isOfOS(name) {
			return yes
		}
	}
	return unsure
}

// isOfOS reports whether os has an attribute on every Linux node.
func isOfOS(name string) bool {
	switch name {
	case "fork", "getpid", "getppid", "getuid", "geteuid", "getgid", "getlogin", "getloadavg", "getpgid", "setpgrp", "setsid", "kill", "killpg",
		"nice", "uname", "environ", "path", "sched_getaffinity", "sched_setaffinity", "cpu_count", "sysconf", "symlink", "link", "mkfifo",
		"wait", "waitpid", "statvfs", "chmod", "chown", "umask", "popen", "system", "scandir", "devnull":
		return true
	}
	return false
}

func setAttribute(c *call) value {
	if name, ok := c.text(1, ""); ok {
		c.setAttribute(c.arg(0, ""), name, c.arg(2, ""))
	} else if i, ok := c.arg(0, "").(*instance); ok {
		i.open = true
	}
	return none{}
}

func hasAttribute(c *call) value {
	if name, ok := c.text(1, ""); ok {
		v := c.arg(0, "")
		if _, ok := v.(*library); ok { // which version of the library there is decides
			return truthValue(c.hasAttribute(v, name), setting)
		}
		return truthValue(c.hasAttribute(v, name), data)
	}
	return data
}

func truthValue(t truth, unknown value) value {
	switch t {
	case yes:
		return true
	case no:
		return false
	}
	return unknown
}

func isInstanceOf(c *call) value {
	v := c.arg(0, "")
	return truthValue(c.isInstance(v, c.arg(1, "")), unknownOf(v))
}

func typeOf(c *call) value {
	switch v := c.arg(0, "").(type) {
	case *instance:
		return v.class
	case string, *list, *dict:
		return &library{path: builtinType(v)}
	case int64:
		return &library{path: "int"}
	case bool:
		return &library{path: "bool"}
	}
	return data
}

func variables(c *call) value {
	switch v := c.arg(0, "").(type) {
	case *object:
		if is, isOpen := isNamespace(v); is {
			return c.live(v.scope, isOpen)
		}
		return c.attributesOf(v.scope, true)
	case *instance:
		return c.attributesOf(v.scope, v.open)
	case nil:
		return globals(c)
	default:
		return unknownOf(v)
	}
}

func (in *interpreter) attributesOf(s *scope, open bool) value {
	d := newDict()
	d.open = open
	for _, name := range s.sorted() {
		in.setEntry(d, key{text: name, kind: 's'}, s.value(name))
	}
	return d
}

func globals(c *call) value {
	s := c.frame.module.scope
	if c.path == "locals" || c.path == "vars" {
		s = c.frame.scope
	}
	return c.attributesOf(s, false)
}

func execute(c *call) value { return none{} }

func super(c *call) value {
	if k, ok := c.arg(0, "").(*class); ok {
		return &parent{class: k, self: c.arg(1, "")}
	}
	fr := c.frame
	for fr.inner && fr.outer != nil {
		fr = fr.outer
	}
	if fr.function == nil || fr.function.owner == nil {
		return data
	}
	self := fr.self
	if self == nil && len(fr.function.Parameters) > 0 {
		self = fr.scope.value(fr.function.Parameters[0].Name)
	}
	return &parent{class: fr.function.owner, self: self}
}

func callable(c *call) value {
	switch c.arg(0, "").(type) {
	case *function, *method, *class:
		return true
	case none, string, int64, *list, *dict:
		return false
	}
	return data
}

func importModule(c *call) value {
	name, ok := c.text(0, "name")
	if !ok {
		return data
	}
	if rest, relative := strings.CutPrefix(name, "."); relative {
		pack, ok := c.text(1, "package")
		if !ok {
			return data
		}
		name = pack + "." + rest
	}
	c.imports(name, c.line)
	if m := c.module(name); m != nil {
		c.load(m)
		return m
	}
	return &library{path: canonical(name)}
}
