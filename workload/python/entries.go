// SPDX-License-Identifier: MIT

package python

import "slices"

// Writes to the entries of dicts, which a branch may take back.

// setEntry sets an entry of a dict; the value nil removes it.
func (in *interpreter) setEntry(d *dict, k key, v value) {
	old, had := d.of[k]
	if in.isJournaled(d.born) {
		in.journal = append(in.journal, write{place{dict: d, key: k}, old, had})
	}
	if v == nil {
		d.remove(k)
		return
	}
	d.put(k, v)
	if d.owner != nil && k.kind == 's' {
		in.set(d.owner, k.text, v)
	}
}

// isOpen is the key under which a dict keeps that it may have more entries. No key of a program has
// this type.
var isOpen = key{kind: 'o'}

func (in *interpreter) openDict(d *dict) { in.setOpen(d, true) }

func (in *interpreter) setOpen(d *dict, open bool) {
	if in.isJournaled(d.born) {
		in.journal = append(in.journal, write{place{dict: d, key: isOpen}, d.open, true})
	}
	d.open = open
}

// overwrite puts unknown entries into a dict: any entry may be replaced.
func (in *interpreter) overwrite(d *dict, by value) {
	in.openDict(d)
	if _, isSetting := isUnknown(by); !isSetting {
		return
	}
	for _, k := range d.order {
		if _, ok := d.of[k]; ok {
			in.setEntry(d, k, setting)
		}
	}
}

func (d *dict) restore(k key, old value, had bool) {
	if had {
		d.put(k, old)
	} else {
		d.remove(k)
	}
}

// put sets an entry; a new one is the last.
func (d *dict) put(k key, v value) {
	if _, had := d.of[k]; !had {
		d.order = append(d.order, k)
	}
	d.of[k] = v
}

// remove removes an entry, also from the order, because a key that comes back must not be in it twice.
// The order is copied, since a loop may be going through it.
func (d *dict) remove(k key) {
	if _, had := d.of[k]; !had {
		return
	}
	delete(d.of, k)
	if i := slices.Index(d.order, k); i >= 0 {
		d.order = slices.Concat(d.order[:i], d.order[i+1:])
	}
}
