// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"image/color"
	"path/filepath"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"slurm-mp-policy/tests/bench"
)

// Sizes of the picture of workers.
const (
	panelWidth = 8 * vg.Centimeter
	margin     = 3 * vg.Millimeter
	lineHeight = 6 * vg.Millimeter
)

// workers draws on which CPUs the workers of a pool may run, without the plugin and with it.
func workers(dir string, r *bench.Run) error {
	var panels []bench.Gain
	for _, g := range r.Gain {
		if g.Program == bench.ProgramBound && (g.Way == bench.WayPlain || g.Way == bench.WayPlugin) && len(g.Workers) > 0 {
			panels = append(panels, g)
		}
	}
	if len(panels) != 2 {
		return nil // the program was not measured
	}
	lines := 3 + max(len(panels[0].Workers), len(panels[1].Workers))
	canvas := vgsvg.New(2*panelWidth, vg.Length(lines)*lineHeight+2*margin)
	page := draw.New(canvas)
	fill(page, color.White, page.Rectangle)
	for i, g := range panels {
		title := "Without the plugin"
		if g.Way == bench.WayPlugin {
			title = "With slurm-mp-policy"
		}
		panel{page, vg.Length(i) * panelWidth, page.Max.Y - margin}.draw(title, g, r.Machine.CPUs)
	}
	return write(filepath.Join(dir, "workers.svg"), canvas)
}

// panel is one half of the picture, from its left upper corner.
type panel struct {
	canvas draw.Canvas
	x, y   vg.Length
}

func (p panel) draw(title string, g bench.Gain, cpus int) {
	column := (panelWidth - 2*margin) / vg.Length(cpus)
	left := p.x + margin
	p.text(left, 0, 11, fmt.Sprintf("%s: %.0f pieces a second", title, g.Throughput.Median))
	for cpu := range cpus {
		x := left + vg.Length(cpu)*column
		fill(p.canvas, color.Gray{0xf0}, vg.Rectangle{
			Min: vg.Point{X: x + 1, Y: p.y - vg.Length(2+len(g.Workers))*lineHeight - margin},
			Max: vg.Point{X: x + column - 1, Y: p.y - lineHeight},
		})
		p.text(x+margin, 1, 9, fmt.Sprintf("CPU %d", cpu))
	}
	for i, w := range g.Workers {
		first, last := span(w.CPUs)
		fill(p.canvas, colours[map[bool]string{true: bench.WayPlugin, false: bench.WayEachTask}[g.Way == bench.WayPlugin]], vg.Rectangle{
			Min: vg.Point{X: left + vg.Length(first)*column + 3, Y: p.y - vg.Length(3+i)*lineHeight + 1},
			Max: vg.Point{X: left + vg.Length(last+1)*column - 3, Y: p.y - vg.Length(2+i)*lineHeight - 1},
		})
		threads := fmt.Sprintf("worker %d: %d threads", i+1, w.Threads)
		if w.Threads == 1 {
			threads = fmt.Sprintf("worker %d: 1 thread", i+1)
		}
		p.label(left+vg.Length(first)*column+margin, i+2, 9, threads, color.White)
	}
}

func (p panel) text(x vg.Length, line int, size float64, s string) {
	p.label(x, line, size, s, color.Black)
}

func (p panel) label(x vg.Length, line int, size float64, s string, c color.Color) {
	style := draw.TextStyle{
		Color: c, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Length(size)},
		XAlign: text.XLeft, YAlign: text.YCenter, Handler: text.Plain{Fonts: font.DefaultCache},
	}
	p.canvas.FillText(style, vg.Point{X: x, Y: p.y - vg.Length(line)*lineHeight - lineHeight/2}, s)
}

func fill(c draw.Canvas, colour color.Color, r vg.Rectangle) {
	c.FillPolygon(colour, []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}})
}

// span returns the first and the last CPU of a list such as "0-3,8".
func span(list string) (first, last int) {
	words := strings.FieldsFunc(list, func(r rune) bool { return r == '-' || r == ',' })
	if len(words) == 0 {
		return 0, 0
	}
	first, _ = strconv.Atoi(words[0])
	last, _ = strconv.Atoi(words[len(words)-1])
	return first, last
}
