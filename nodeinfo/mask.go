// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"
	"strconv"
)

// maxCPUs bounds the CPU numbers of a Mask. The largest kernel build has 8192. A number
// beyond this bound comes from a damaged file, and would cost memory.
const maxCPUs = 1 << 16

// Mask is a set of CPUs, by the kernel's numbers. The zero Mask is empty. A Mask never
// changes after it is made, and may be copied.
type Mask struct {
	// w has 64 CPUs in each word, with CPU 0 lowest in the first. The last word is not 0.
	w []uint64
}

// MaskFromBytes returns the mask that sched_getaffinity(2) has written to b. B has
// unsigned longs in the machine's byte order. CPUs beyond 65535 are dropped.
func MaskFromBytes(b []byte) Mask {
	if len(b) > maxCPUs/8 {
		b = b[:maxCPUs/8]
	}
	var m Mask
	for ; len(b) >= 8; b = b[8:] {
		m.w = append(m.w, binary.NativeEndian.Uint64(b))
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		m.w = append(m.w, binary.NativeEndian.Uint64(last[:]))
	}
	return m.trimmed()
}

// Count returns the number of CPUs in m.
func (m Mask) Count() int {
	n := 0
	for _, w := range m.w {
		n += bits.OnesCount64(w)
	}
	return n
}

// Has reports whether the CPU is in m.
func (m Mask) Has(cpu int) bool {
	return cpu >= 0 && cpu/64 < len(m.w) && m.w[cpu/64]>>(cpu%64)&1 != 0
}

// And returns the CPUs that are in both masks.
func (m Mask) And(o Mask) Mask {
	and := make([]uint64, min(len(m.w), len(o.w)))
	for i := range and {
		and[i] = m.w[i] & o.w[i]
	}
	return Mask{w: and}.trimmed()
}

// Equal reports whether both masks have the same CPUs.
func (m Mask) Equal(o Mask) bool { return slices.Equal(m.w, o.w) }

// All yields the CPUs of m, smallest first.
func (m Mask) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, w := range m.w {
			for ; w != 0; w &= w - 1 {
				if !yield(i*64 + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}

// first returns the smallest CPU of m, or -1 for an empty mask.
func (m Mask) first() int {
	for cpu := range m.All() {
		return cpu
	}
	return -1
}

// last returns the largest CPU of m, or -1 for an empty mask.
func (m Mask) last() int {
	if len(m.w) == 0 {
		return -1
	}
	return len(m.w)*64 - 1 - bits.LeadingZeros64(m.w[len(m.w)-1])
}

// String returns m in the form of a list of the kernel: "0-3,8,10-12", or "" for an empty
// mask.
func (m Mask) String() string {
	var b []byte
	first, prev := -1, -2
	flush := func() {
		if first < 0 {
			return
		}
		if len(b) > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(first), 10)
		if prev > first {
			b = append(b, '-')
			b = strconv.AppendInt(b, int64(prev), 10)
		}
	}
	for cpu := range m.All() {
		if cpu != prev+1 {
			flush()
			first = cpu
		}
		prev = cpu
	}
	flush()
	return string(b)
}

// set adds the CPUs lo to hi, both below maxCPUs, to a mask under construction.
func (m *Mask) set(lo, hi int) {
	if need := hi/64 + 1; need > len(m.w) {
		m.w = append(m.w, make([]uint64, need-len(m.w))...)
	}
	for i := lo / 64; i <= hi/64; i++ {
		w := ^uint64(0)
		if i == lo/64 {
			w &= ^uint64(0) << (lo % 64)
		}
		if i == hi/64 {
			w &= ^uint64(0) >> (63 - hi%64)
		}
		m.w[i] |= w
	}
}

// add adds the CPUs of o to a mask under construction.
func (m *Mask) add(o Mask) {
	if n := len(o.w) - len(m.w); n > 0 {
		m.w = append(m.w, make([]uint64, n)...)
	}
	for i, w := range o.w {
		m.w[i] |= w
	}
}

func (m Mask) trimmed() Mask {
	for len(m.w) > 0 && m.w[len(m.w)-1] == 0 {
		m.w = m.w[:len(m.w)-1]
	}
	return m
}
