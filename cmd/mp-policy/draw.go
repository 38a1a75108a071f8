// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"strings"

	"slurm-mp-policy/nodeinfo"
)

const (
	// drawWidth is the width of a drawing, in characters.
	drawWidth = 80
	// drawLabel is the width of a row's label, the number of its first CPU.
	drawLabel = 7
	// drawApart is up to how many cores stand apart from one another.
	drawApart = 256
	// drawGroup is after how many cores there is a wider gap.
	drawGroup = 8
)

// draw shows the cores of a node by socket and NUMA node, with the CPUs of the mask
// marked.
func draw(w io.Writer, s screen, cores []nodeinfo.Core, mask nodeinfo.Mask) {
	type place struct{ socket, numa int }
	var order []place
	in := map[place][]nodeinfo.Core{}
	threads, marked := 0, 0
	for _, c := range cores {
		at := place{c.Socket, c.NUMA}
		if in[at] == nil {
			order = append(order, at)
		}
		in[at] = append(in[at], c)
		threads = max(threads, c.CPUs.Count())
		if c.CPUs.And(mask).Count() > 0 {
			marked++
		}
	}
	gap := " "
	if len(cores) > drawApart {
		gap = ""
	}
	perRow := coresPerRow(threads, len(gap))
	for _, at := range order {
		fmt.Fprintln(w, s.paint(bold, title(at.socket, at.numa, in[at], mask)))
		for list := in[at]; len(list) > 0; list = list[min(perRow, len(list)):] {
			row := list[:min(perRow, len(list))]
			fmt.Fprintln(w, drawRow(s, row, mask, threads, gap))
		}
	}
	sign := "each sign is a core; a row begins with the number of its first CPU"
	if threads > 1 {
		sign = fmt.Sprintf("each sign is a CPU, each %d in a row a core; a row begins with the number of its first CPU", threads)
	}
	if mask.Count() == 0 {
		fmt.Fprintf(w, "\n%s\nno mask is marked: --cpus LIST marks one\n", sign)
		return
	}
	fmt.Fprintf(w, "\n%s\n# is in the mask %s, . is not: %s on %s\n",
		sign, mask, plural(mask.Count(), "CPU"), plural(marked, "core"))
}

func title(socket, numa int, cores []nodeinfo.Core, mask nodeinfo.Mask) string {
	var all nodeinfo.Mask
	in := 0
	for _, c := range cores {
		all = all.Or(c.CPUs)
		in += c.CPUs.And(mask).Count()
	}
	text := fmt.Sprintf("socket %d", socket)
	if numa >= 0 {
		text += fmt.Sprintf(", NUMA node %d", numa)
	}
	text += fmt.Sprintf(": %s, CPUs %s", plural(len(cores), "core"), all)
	if in > 0 {
		text += fmt.Sprintf(" (%d in the mask)", in)
	}
	return text
}

// coresPerRow is a number of cores that is as wide as the drawing may be.
func coresPerRow(threads, gap int) int {
	for _, n := range []int{64, 32, 16, 8, 4, 2} {
		if drawLabel+n*(threads+gap)+2*(n/drawGroup) <= drawWidth {
			return n
		}
	}
	return 1
}

func drawRow(s screen, cores []nodeinfo.Core, mask nodeinfo.Mask, threads int, gap string) string {
	var b strings.Builder
	for i, c := range cores {
		signs := ""
		for cpu := range c.CPUs.All() {
			if i == 0 && signs == "" {
				fmt.Fprintf(&b, "%*d", drawLabel-2, cpu)
			}
			if mask.Has(cpu) {
				signs += "#"
			} else {
				signs += "."
			}
		}
		switch {
		case i%drawGroup == 0:
			b.WriteString("  ")
		default:
			b.WriteString(gap)
		}
		fill := strings.Repeat(" ", threads-len(signs))
		if strings.Contains(signs, "#") {
			signs = s.paint(green, signs)
		}
		b.WriteString(signs + fill)
	}
	return strings.TrimRight(b.String(), " ")
}
