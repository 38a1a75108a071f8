// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"strings"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/plaintext"
)

const (
	// drawWidth is the width of a drawing, in characters.
	drawWidth = 80
	// drawLabel is the width of a row's label, the number of its first CPU.
	drawLabel = 7
	// drawApart is the largest number of cores that are drawn with a gap between them.
	drawApart = 256
	// drawGroup is the number of cores between wider gaps.
	drawGroup = 8
)

// marks is how a drawing shows the CPUs of a mask.
type marks struct {
	mask   nodeinfo.Mask
	of     string                    // the words for the CPUs of the mask: in the mask
	sign   func(cpu int) string      // one character
	colour func(signs string) string // of the signs of a core
}

// draw shows the cores of a node by socket and NUMA node, with the CPUs of the mask
// marked.
func draw(w io.Writer, s screen, cores []nodeinfo.Core, mask nodeinfo.Mask) {
	sign := drawCores(w, s, cores, marks{
		mask: mask, of: "in the mask",
		sign: func(cpu int) string {
			if mask.Has(cpu) {
				return "#"
			}
			return "."
		},
		colour: func(signs string) string {
			if strings.Contains(signs, "#") {
				return green
			}
			return ""
		},
	})
	if mask.Count() == 0 {
		fmt.Fprintf(w, "\n%s\nno mask is marked: --cpus LIST marks one\n", sign)
		return
	}
	marked := 0
	for _, c := range cores {
		if c.CPUs.And(mask).Count() > 0 {
			marked++
		}
	}
	fmt.Fprintf(w, "\n%s\n# is in the mask %s, . is not: %s on %s\n",
		sign, mask, plaintext.Plural(mask.Count(), "CPU"), plaintext.Plural(marked, "core"))
}

// drawCores draws the cores and returns the line that explains a sign.
func drawCores(w io.Writer, s screen, cores []nodeinfo.Core, m marks) string {
	type place struct{ socket, numa int }
	var order []place
	in := map[place][]nodeinfo.Core{}
	threads := 0
	for _, c := range cores {
		at := place{c.Socket, c.NUMA}
		if in[at] == nil {
			order = append(order, at)
		}
		in[at] = append(in[at], c)
		threads = max(threads, c.CPUs.Count())
	}
	gap := " "
	if len(cores) > drawApart {
		gap = ""
	}
	perRow := coresPerRow(threads, len(gap))
	for _, at := range order {
		fmt.Fprintln(w, s.paint(bold, title(at.socket, at.numa, in[at], m)))
		for list := in[at]; len(list) > 0; list = list[min(perRow, len(list)):] {
			row := list[:min(perRow, len(list))]
			fmt.Fprintln(w, drawRow(s, row, m, threads, gap))
		}
	}
	if threads > 1 {
		return fmt.Sprintf("each sign is a CPU, each %d in a row a core; a row begins with its first CPU", threads)
	}
	return "each sign is a core; a row begins with the number of its first CPU"
}

func title(socket, numa int, cores []nodeinfo.Core, m marks) string {
	var all nodeinfo.Mask
	in := 0
	for _, c := range cores {
		all = all.Or(c.CPUs)
		in += c.CPUs.And(m.mask).Count()
	}
	text := fmt.Sprintf("socket %d", socket)
	if numa >= 0 {
		text += fmt.Sprintf(", NUMA node %d", numa)
	}
	text += fmt.Sprintf(": %s, CPUs %s", plaintext.Plural(len(cores), "core"), all)
	if in > 0 {
		text += fmt.Sprintf(" (%d %s)", in, m.of)
	}
	return text
}

// coresPerRow returns the number of cores that fit into the width of the drawing.
func coresPerRow(threads, gap int) int {
	for _, n := range []int{64, 32, 16, 8, 4, 2} {
		if drawLabel+n*(threads+gap)+2*(n/drawGroup) <= drawWidth {
			return n
		}
	}
	return 1
}

func drawRow(s screen, cores []nodeinfo.Core, m marks, threads int, gap string) string {
	var b strings.Builder
	for i, c := range cores {
		signs := ""
		for cpu := range c.CPUs.All() {
			if i == 0 && signs == "" {
				fmt.Fprintf(&b, "%*d", drawLabel-2, cpu)
			}
			signs += m.sign(cpu)
		}
		switch {
		case i%drawGroup == 0:
			b.WriteString("  ")
		default:
			b.WriteString(gap)
		}
		fill := strings.Repeat(" ", threads-len(signs))
		if colour := m.colour(signs); colour != "" {
			signs = s.paint(colour, signs)
		}
		b.WriteString(signs + fill)
	}
	return strings.TrimRight(b.String(), " ")
}
