// SPDX-License-Identifier: MIT

// Command plot draws the pictures of a run: launch.svg, growth.svg and workers.svg beside
// its run.json. It is a separate module, so that libraries for drawing are not dependencies of
// the project.
//
//	go run -C tests/bench/plot . ../../../docs/performance
package main

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"slurm-mp-policy/tests/bench"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: plot DIRECTORY")
		os.Exit(2)
	}
	if err := draws(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

func draws(dir string) error {
	r, err := bench.Read(filepath.Join(dir, "run.json"))
	if err != nil {
		return err
	}
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	p, err := launch(r)
	if err != nil {
		return err
	}
	if err := save(filepath.Join(dir, "launch.svg"), 17, 9, p); err != nil {
		return err
	}
	if err := workers(dir, r); err != nil {
		return err
	}
	grown, err := growth(r)
	if err != nil || len(grown) == 0 {
		return err
	}
	return save(filepath.Join(dir, "growth.svg"), 17, 7*float64((len(grown)+1)/2), grown...)
}

// colours of the ways, distinct also for readers who see red and green alike (Okabe and Ito).
var colours = map[string]color.Color{
	bench.WayPlugin:   color.RGBA{0x00, 0x72, 0xb2, 0xff},
	bench.WayProlog:   color.RGBA{0xe6, 0x9f, 0x00, 0xff},
	bench.WayEachTask: color.RGBA{0xd5, 0x5e, 0x00, 0xff},
}

// points are medians with their quartiles.
type points []bench.Point

func (p points) Len() int                    { return len(p) }
func (p points) XY(i int) (float64, float64) { return p[i].X, p[i].Y.Median }
func (p points) YError(i int) (float64, float64) {
	y := p[i].Y
	return y.Median - y.Q1, y.Q3 - y.Median
}

func add(p *plot.Plot, name string, data points, c color.Color) error {
	line, dots, err := plotter.NewLinePoints(data)
	if err != nil {
		return err
	}
	line.Color, line.Width = c, vg.Points(1.5)
	dots.Color, dots.Shape, dots.Radius = c, draw.CircleGlyph{}, vg.Points(2)
	bars, err := plotter.NewYErrorBars(data)
	if err != nil {
		return err
	}
	bars.Color = c
	p.Add(line, dots, bars)
	if name != "" {
		p.Legend.Add(name, line)
	}
	return nil
}

func launch(r *bench.Run) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = "srun's wall time to that with a plugin that does nothing"
	p.X.Label.Text, p.Y.Label.Text = "tasks on the node", "ratio: median and quartiles"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks(1, 1.5, 2, 3, 4, 5, 6, 8))
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())
	var places []float64
	low, high := 0.9, 1.1
	for _, way := range []string{bench.WayPlugin, bench.WayProlog, bench.WayEachTask} {
		var data points
		for _, l := range r.Launch {
			if l.Way == way && l.Cluster == bench.ClusterCgroups && l.Command == bench.CommandBinary {
				data = append(data, bench.Point{X: float64(l.Tasks), Y: l.Ratio})
				low, high = min(low, l.Ratio.Q1), max(high, l.Ratio.Q3)
			}
		}
		if len(data) == 0 {
			return nil, fmt.Errorf("run.json has no launches of %s; measure them with make bench", way)
		}
		if err := add(p, way, data, colours[way]); err != nil {
			return nil, err
		}
		if way == bench.WayPlugin {
			for _, d := range data {
				places = append(places, d.X)
			}
		}
	}
	p.X.Tick.Marker = plot.ConstantTicks(ticks(places...))
	p.Legend.Padding = vg.Millimeter
	p.Y.Min, p.Y.Max = low*0.97, high*1.03
	return p, nil
}

func growth(r *bench.Run) ([]*plot.Plot, error) {
	var all []*plot.Plot
	for _, c := range r.Growth {
		p := plot.New()
		p.Title.Text = c.Name
		p.X.Label.Text, p.Y.Label.Text = c.X, "µs" // the table has the rest
		p.X.Scale = plot.LogScale{}
		p.Y.Min = 0
		var data points
		var places []float64
		high := 0.0
		for _, d := range c.Points {
			high = max(high, d.Y.Q3)
			if d.X > 0 { // a logarithmic axis has no 0
				data, places = append(data, d), append(places, d.X)
			}
		}
		if len(data) == 0 {
			continue
		}
		p.X.Tick.Marker = plot.ConstantTicks(apart(ticks(places...)))
		p.Add(plotter.NewGrid())
		if err := add(p, "", data, colours[bench.WayPlugin]); err != nil {
			return nil, err
		}
		p.Y.Min, p.Y.Max = 0, math.Max(high*1.1, 1)
		all = append(all, p)
	}
	return all, nil
}

func ticks(values ...float64) []plot.Tick {
	list := make([]plot.Tick, len(values))
	for i, v := range values {
		list[i] = plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', -1, 64)}
	}
	return list
}

// apart takes the label from ticks that are too near to the one before, on a
// logarithmic axis.
func apart(list []plot.Tick) []plot.Tick {
	const nearest = 0.16 // of the axis
	axis := math.Log(list[len(list)-1].Value / list[0].Value)
	last := list[0].Value
	for i := range list[1:] {
		t := &list[i+1]
		if math.Log(t.Value/last) < nearest*axis {
			t.Label = ""
		} else {
			last = t.Value
		}
	}
	return list
}

// save draws plots in two columns, or only one plot; width and height are in cm.
func save(path string, width, height float64, plots ...*plot.Plot) error {
	canvas := vgsvg.New(vg.Length(width)*vg.Centimeter, vg.Length(height)*vg.Centimeter)
	columns := min(2, len(plots))
	tiles := draw.Tiles{
		Rows: (len(plots) + columns - 1) / columns, Cols: columns,
		PadX: vg.Millimeter * 4, PadY: vg.Millimeter * 4, PadTop: vg.Millimeter, PadBottom: vg.Millimeter, PadLeft: vg.Millimeter, PadRight: vg.Millimeter,
	}
	// GitHub shows a picture on white or black
	background := draw.New(canvas)
	background.FillPolygon(color.White, background.ClipPolygonXY([]vg.Point{
		{X: 0, Y: 0}, {X: background.Max.X, Y: 0}, background.Max, {X: 0, Y: background.Max.Y},
	}))
	grid := make([][]*plot.Plot, tiles.Rows)
	for i := range grid {
		grid[i] = make([]*plot.Plot, columns)
		for k := range columns {
			if at := i*columns + k; at < len(plots) {
				grid[i][k] = plots[at]
			}
		}
	}
	for i, row := range plot.Align(grid, tiles, background) {
		for k, tile := range row {
			if grid[i][k] != nil {
				grid[i][k].Draw(tile)
			}
		}
	}
	return write(path, canvas)
}

func write(path string, canvas *vgsvg.Canvas) error {
	var b strings.Builder
	if _, err := canvas.WriteTo(&b); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
