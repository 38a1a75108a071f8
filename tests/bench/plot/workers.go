// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"image/color"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/plaintext"
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
		p := panel{page, vg.Length(i) * panelWidth, page.Max.Y - margin, "Without the plugin", colours[bench.WayEachTask]}
		if g.Way == bench.WayPlugin {
			p.title, p.colour = "With slurm-mp-policy", colours[bench.WayPlugin]
		}
		if err := p.draw(g, r.Machine.CPUs); err != nil {
			return err
		}
	}
	return write(filepath.Join(dir, "workers.svg"), canvas)
}

// panel is one half of the picture, from its left upper corner.
type panel struct {
	canvas draw.Canvas
	x, y   vg.Length
	title  string
	colour color.Color // of the workers
}

func (p panel) draw(g bench.Gain, cpus int) error {
	column := (panelWidth - 2*margin) / vg.Length(cpus)
	left := p.x + margin
	p.text(left, 0, 11, fmt.Sprintf("%s: %.0f pieces a second", p.title, g.Throughput.Median))
	for cpu := range cpus {
		x := left + vg.Length(cpu)*column
		fill(p.canvas, color.Gray{0xf0}, vg.Rectangle{
			Min: vg.Point{X: x + 1, Y: p.y - vg.Length(2+len(g.Workers))*lineHeight - margin},
			Max: vg.Point{X: x + column - 1, Y: p.y - lineHeight},
		})
		p.text(x+margin, 1, 9, fmt.Sprintf("CPU %d", cpu))
	}
	for i, w := range g.Workers {
		mask, err := nodeinfo.ParseList(w.CPUs)
		if err != nil || mask.Count() == 0 {
			return fmt.Errorf("worker %d has the CPUs %q: %v", i+1, w.CPUs, err)
		}
		of := slices.Collect(mask.All())
		start, end := left+vg.Length(of[0])*column, left+vg.Length(of[len(of)-1]+1)*column
		fill(p.canvas, p.colour, vg.Rectangle{
			Min: vg.Point{X: start + 3, Y: p.y - vg.Length(3+i)*lineHeight + 1},
			Max: vg.Point{X: end - 3, Y: p.y - vg.Length(2+i)*lineHeight - 1},
		})
		p.label(start+margin, i+2, 9, fmt.Sprintf("worker %d: %s", i+1, plaintext.Plural(w.Threads, "thread")), color.White)
	}
	return nil
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
