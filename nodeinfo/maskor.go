// SPDX-License-Identifier: MIT

package nodeinfo

import "slices"

// Or returns the CPUs that are in at least one of the masks.
func (m Mask) Or(o Mask) Mask {
	or := Mask{w: slices.Clone(m.w)}
	or.add(o)
	return or
}
