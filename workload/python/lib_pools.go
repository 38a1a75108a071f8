// SPDX-License-Identifier: MIT

package python

// row describes the processes that a call of a library starts.
type row struct {
	effect effect // effectNone for a call that starts nothing
	count  string // argument with the number of workers
	at     int    // its position, -1 if it has none
	need   bool   // without that argument there are no workers
	one    bool   // a library's single worker is a process, too
	check  func(c *call) truth
}

// own is a row of worker processes whose threads the library does not limit.
func own(count string, at int) row { return row{effect: effectPool, count: count, at: at} }

// theirs is a row of workers whose threads must not be changed: the library limits them, or they are
// helpers of a parent that computes with threads.
func theirs(count string, at int) row { return row{effect: effectWorkers, count: count, at: at} }

// loader is a row of such workers, which start only if the argument is given. One of
// them is a process, too.
func loader(count string, at int) row {
	return row{effect: effectWorkers, count: count, at: at, need: true, one: true}
}

// rowOf returns the row of a library's call, without an effect if nothing is known of it. The rows are
// functions and not maps, because a map is built each time the engine starts, at each job's launch.
func rowOf(path string) row {
	for _, rows := range [...]func(path string) row{
		standardRow, poolRow, samplerRow, environmentRow, learningRow, schedulerRow, mpiRow, familyRow,
	} {
		if r := rows(path); r.effect != effectNone {
			return r
		}
	}
	return row{}
}

// listed applies the row of a call in the table. It returns false for a call that is not in it.
func (c *call) listed() (value, bool) {
	r := rowOf(c.path)
	if r.effect == effectNone {
		return nil, false
	}
	c.start(r)
	if r.effect == effectStart {
		return c.process(), true
	}
	c.callbacks(&c.arguments)
	if i, ok := c.self.(*instance); ok {
		return i, true
	}
	return &object{path: c.path, scope: newScope()}, true
}

// start records the effect of a row for a call with its arguments.
func (c *call) start(r row) {
	sure := yes
	if r.check != nil {
		sure = r.check(c)
	}
	if sure == no {
		return
	}
	count, ok := c.countOf(r)
	if !ok {
		return
	}
	c.sightIf(sure, r.effect, count)
}

// sightIf records an effect that happens, may happen or does not.
func (c *call) sightIf(sure truth, e effect, count value) {
	switch sure {
	case yes:
		c.sight(e, c.path, count)
	case unsure:
		c.doubt++
		c.sight(e, c.path, count)
		c.doubt--
	}
}

// countOf returns the number of workers that a row's call starts, and false if it starts none.
func (c *call) countOf(r row) (value, bool) {
	var count value = none{}
	if r.count != "" {
		v, given := c.get(r.at, r.count)
		if given != no {
			count = c.settle(v)
		}
		_, isNone := count.(none)
		if r.need && (given == no || isNone || isFalse(count)) {
			return nil, false
		}
		if given == unsure {
			// **kwargs of which nothing is known: where workers must be asked for, that
			// is rare
			if r.need {
				return nil, false
			}
			count = setting
		}
		if n, ok := count.(int64); ok && r.effect == effectWorkers {
			if n == 0 || n == 1 && !r.one {
				return nil, false
			}
			if n < 0 {
				count = none{} // as many as CPUs, or a few less
			}
		}
	}
	return count, true
}

func isFalse(v value) bool {
	b, ok := v.(bool)
	return ok && !b
}

// unless is a check: the argument does not have the value.
func unless(name, text string) func(c *call) truth {
	return func(c *call) truth {
		v := c.arg(-1, name)
		if v == nil {
			return yes
		}
		return equal(v, text).not()
	}
}

// unlessFalse is a check: the argument is not False.
func unlessFalse(name string, at int) func(c *call) truth {
	return func(c *call) truth {
		v := c.arg(at, name)
		if v == nil {
			return yes
		}
		return isTrue(v)
	}
}

// unlessOne is a check: the argument is not 1, with which the library runs everything
// in the parent.
func unlessOne(name string, at int) func(c *call) truth {
	return func(c *call) truth { return equal(c.arg(at, name), int64(1)).not() }
}

// argumentIs is a check: the argument has the value.
func argumentIs(name string, at int, text string) func(c *call) truth {
	return func(c *call) truth {
		v := c.arg(at, name)
		if v == nil {
			return no
		}
		return equal(v, text)
	}
}

// isNumber is a check: the argument is a number and not a pool's map. Of an unknown
// one it is not known.
func isNumber(name string) func(c *call) truth {
	return func(c *call) truth {
		switch v := c.arg(-1, name).(type) {
		case int64:
			if v == -1 {
				c.name(name, usable)
			}
			return truthOf(v != 1)
		case *many:
			return yes
		case *library, *method, *function, none:
			return no
		}
		return unsure
	}
}
