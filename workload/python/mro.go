// SPDX-License-Identifier: MIT

package python

// maxBases bounds the classes that are looked through for one name.
const maxBases = 64

// linearise sets the order in which a class and its bases are looked through: that of
// Python, C3. It is computed once, when the class is made. If there is no such order,
// Python ends with an exception, and the order is depth first here.
func (c *class) linearise() {
	c.mro = []value{c}
	var lists [][]value
	for i, base := range c.bases {
		if i >= maxBases {
			break
		}
		if b, ok := base.(*class); ok {
			lists = append(lists, b.mro)
		} else {
			lists = append(lists, []value{base})
		}
	}
	if len(lists) > 1 {
		lists = append(lists, c.bases[:len(lists)])
	}
	behind := map[any]int{} // in how many lists a class is not the first
	for _, l := range lists {
		for _, v := range l[1:] {
			behind[identity(v)]++
		}
	}
	for len(c.mro) < maxBases {
		first := -1
		for i, l := range lists {
			if len(l) == 0 {
				continue
			}
			if behind[identity(l[0])] == 0 {
				first = i
				break
			}
			if first < 0 {
				first = i // if there is no order
			}
		}
		if first < 0 {
			return
		}
		taken := lists[first][0]
		if !c.inherits(taken) {
			c.mro = append(c.mro, taken)
		}
		for i, l := range lists {
			if len(l) > 0 && (i == first || identity(l[0]) == identity(taken)) {
				lists[i] = l[1:]
				if len(l) > 1 {
					behind[identity(l[1])]--
				}
			}
		}
	}
}

// identity returns what two values have in common that are the same class. A library's
// class is known by its path.
func identity(v value) any {
	if l, ok := v.(*library); ok {
		return l.path
	}
	return v
}

// inherits reports whether a class is in the order of c.
func (c *class) inherits(base value) bool {
	for _, have := range c.mro {
		if identity(have) == identity(base) {
			_, isUnknown := base.(*unknown)
			return !isUnknown
		}
	}
	return false
}

// lookup finds an attribute in a class or its bases. If it is not there, from is a base
// that is a library's class, if there is one.
func (c *class) lookup(name string) (v, from value, ok bool) {
	v, from, _, ok = search(c.mro, name)
	return v, from, ok
}

// search finds an attribute in classes, in their order. It is unsure if a base that is
// not known comes first, and may have it.
func search(mro []value, name string) (v, from value, isUnsure, ok bool) {
	for _, base := range mro {
		switch base := base.(type) {
		case *class:
			if v, ok := base.scope.get(name); ok {
				return v, base, isUnsure, true
			}
		case *library:
			if l, ok := from.(*library); !ok || l.path == "object" {
				from = base
			}
		case *unknown:
			isUnsure = true
		}
	}
	return nil, from, false, false
}

// orAnother returns an attribute that may also be another one.
func orAnother(v value, isUnsure bool) value {
	if !isUnsure {
		return v
	}
	if m, ok := v.(*method); ok {
		return &either{of: []value{m, setting}}
	}
	return setting
}

// after returns the classes that super() looks through: those that follow c in the order
// of the object's class.
func (p *parent) after() []value {
	mro := p.class.mro
	switch self := p.self.(type) {
	case *instance:
		mro = self.class.mro
	case *class:
		mro = self.mro
	}
	for i, c := range mro {
		if c == value(p.class) {
			return mro[i+1:]
		}
	}
	return p.class.mro[1:]
}

// find returns a function of a class or of its bases in the program.
func (c *class) find(name string) (*function, bool) {
	v, _, ok := c.lookup(name)
	if !ok {
		return nil, false
	}
	f, ok := v.(*function)
	return f, ok
}

// isA reports whether a class has a base with the canonical path of a library's class.
func (c *class) isA(path string) bool {
	for _, base := range c.mro {
		if l, ok := base.(*library); ok && l.path == path {
			return true
		}
	}
	return false
}
