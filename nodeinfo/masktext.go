// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseList reads a list of CPUs as the kernel prints and reads it, "0-3,8", with the
// steps of both notations: "0-62:2" is every second CPU (lscpu, taskset, numactl),
// "0-63:2/8" is the first two CPUs of each eight (the kernel). White space around the
// list is dropped. An empty list is an empty mask. A number above 65535, a backward range
// or any other text is an error that quotes the text.
//
// https://docs.kernel.org/admin-guide/kernel-parameters.html#cpu-lists
func ParseList(list string) (Mask, error) {
	list = trim(list)
	if len(list) > maxListFile {
		return Mask{}, fmt.Errorf("list of %d bytes: longer than %d", len(list), maxListFile)
	}
	var m Mask
	named := 0
	for rest, more := list, list != ""; more; {
		var item string
		item, rest, more = strings.Cut(rest, ",")
		n, err := m.setItem(item)
		if err != nil {
			return Mask{}, err
		}
		// the kernel names no CPU twice; a list that does could take endless work
		if named += n; named > maxCPUs {
			return Mask{}, fmt.Errorf("%q in a list of CPUs: more than %d in all", clip(item), maxCPUs)
		}
	}
	return m, nil
}

// setItem adds one element of a list: "8", "0-3", "0-62:2" or "0-63:2/8". It
// returns the width of its range, in CPUs.
func (m *Mask) setItem(item string) (int, error) {
	span, step, stepped := strings.Cut(item, ":")
	from, to, ranged := strings.Cut(span, "-")
	lo, err := parseCPU(from)
	hi := lo
	if err == nil && ranged {
		hi, err = parseCPU(to)
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q in a list of CPUs: %w", clip(item), err)
	case hi < lo:
		return 0, fmt.Errorf("%q in a list of CPUs: the range runs backwards", clip(item))
	case !stepped:
		m.set(lo, hi)
		return hi - lo + 1, nil
	case !ranged:
		return 0, fmt.Errorf("%q in a list of CPUs: a step needs a range", clip(item))
	}
	used, group, grouped := strings.Cut(step, "/")
	if !grouped {
		used, group = "1", step
	}
	u, err := parseCPU(used)
	g := 0
	if err == nil {
		g, err = parseCPU(group)
	}
	if err == nil && (u < 1 || g < u) {
		err = fmt.Errorf("a step is N, or USED/GROUP with 1 <= USED <= GROUP")
	}
	if err != nil {
		return 0, fmt.Errorf("%q in a list of CPUs: %w", clip(item), err)
	}
	for at := lo; at <= hi; at += g {
		m.set(at, min(at+u-1, hi))
	}
	return hi - lo + 1, nil
}

func parseCPU(s string) (int, error) {
	if s == "" {
		return 0, fmt.Errorf("a number is missing")
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%q is not a number", clip(s))
		}
		if n = n*10 + int(c-'0'); n >= maxCPUs {
			return 0, fmt.Errorf("%s is above %d, the largest CPU number", clip(s), maxCPUs-1)
		}
	}
	return n, nil
}

// ParseHexMask reads a mask as the kernel prints it in cpumap and thread_siblings. It has
// hexadecimal groups of 32 CPUs, with the highest first and perhaps shorter,
// "0003,ffffffff". Kernels before about 2.6.26 have no other form.
//
// https://docs.kernel.org/core-api/printk-formats.html#bitmap-and-its-derivatives-such-as-cpumask-and-nodemask
func ParseHexMask(mask string) (Mask, error) {
	mask = trim(mask)
	if len(mask) > maxCPUs/32*9 {
		return Mask{}, fmt.Errorf("mask of %d bytes: wider than %d CPUs", len(mask), maxCPUs)
	}
	groups := strings.Count(mask, ",") + 1
	m := Mask{w: make([]uint64, (groups+1)/2)}
	for i := groups - 1; i >= 0; i-- {
		var group string
		group, mask, _ = strings.Cut(mask, ",")
		w, err := strconv.ParseUint(group, 16, 32)
		if err != nil {
			return Mask{}, fmt.Errorf("%q in a mask of CPUs: not a hexadecimal number of 32 bits", clip(group))
		}
		m.w[i/2] |= w << (i % 2 * 32)
	}
	return m.trimmed(), nil
}

// clip shortens a text that is quoted in an error, because files may contain any text.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
