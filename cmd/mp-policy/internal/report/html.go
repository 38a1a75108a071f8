// SPDX-License-Identifier: MIT

package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// The plots' sizes, in the units of their SVG.
const (
	plotWidth  = 900
	plotHeight = 200
	left       = 60 // room for the numbers of the axis
	mostBars   = 15
	labelWidth = 75 // of a date or a time
)

// colours of the verdicts, distinct also for readers who see red and green alike (Okabe
// and Ito, https://jfly.uni-koeln.de/color/).
var colours = map[string]string{
	"multiprocessing": "#0072b2", "workers": "#56b4e9", "python": "#009e73", "none": "#bbbbbb", "left": "#f0e442",
	"opted-out": "#e69f00", "off": "#dddddd", "switched-off": "#999999", "failed": "#d55e00", unknown: "#cc79a7",
}

// bar is a rectangle of a plot.
type bar struct {
	X, Y, Width, Height float64
	Colour, Title       string
}

type label struct {
	X, Y   float64
	Text   string
	Anchor string // start, middle or end
}

// plot is one picture.
type plot struct {
	Title         string
	Width, Height float64
	Bars          []bar
	Labels        []label
	Legend        []legend
}

type legend struct{ Colour, Text string }

type table struct {
	Title string
	Rows  []Row
	Texts bool // the names are sentences, and only their number counts
}

// WriteHTML writes one page that needs no other file.
func (r Report) WriteHTML(w io.Writer, now time.Time) error {
	data := struct {
		Title, Answer, Made string
		Total               int
		Plots               []plot
		Tables              []table
		Times               []struct {
			Name string
			Quantiles
		}
		Percent func(int) string
		MS      func(int64) string
	}{
		Title: r.title(), Answer: r.answer(), Made: now.Format(time.DateOnly), Total: r.Total.Steps,
		Percent: func(n int) string { return fmt.Sprintf("%.1f", r.percent(n)) },
		MS:      func(us int64) string { return fmt.Sprintf("%.1f", ms(us)) },
	}
	for _, p := range []plot{r.daysPlot(), waitPlot(r.Wait), gainPlot(gaining(r.Programs))} {
		if len(p.Bars) > 0 {
			data.Plots = append(data.Plots, p)
		}
	}
	for _, t := range []table{
		{"Verdicts", r.Verdicts, false},
		{"Partitions", r.Partitions, false},
		{"Rules", r.Rules, false},
		{"Variables", r.Changes, false},
		{"Programs that gain most", gaining(r.Programs), false},
		{"Users who opted out", r.OptedOut, false},
		{"Users", r.Users, false},
		{"Failures", r.Failures, true},
		{"Other lines of the plugin", r.others(), true},
	} {
		if t.Rows = t.Rows[:min(len(t.Rows), 50)]; len(t.Rows) > 0 {
			data.Tables = append(data.Tables, t)
		}
	}
	for _, q := range []struct {
		Name string
		Quantiles
	}{{"A launch waits", r.Wait}, {"CPU of an evaluation", r.CPU}} {
		if q.Count > 0 {
			data.Times = append(data.Times, q)
		}
	}
	return page.Execute(w, data)
}

// daysPlot stacks the steps of each day by their verdict.
func (r Report) daysPlot() plot {
	p := plot{Title: "Steps of each day, by verdict", Width: plotWidth, Height: plotHeight + 30}
	most := 0
	for _, day := range r.Days {
		sum := 0
		for _, n := range day.Verdicts {
			sum += n
		}
		most = max(most, sum)
	}
	if most == 0 {
		return p
	}
	step := float64(plotWidth-left) / float64(len(r.Days))
	width := min(step*0.9, 60)
	for i, day := range r.Days {
		x, y := left+float64(i)*step, float64(plotHeight)
		for _, row := range r.Verdicts {
			n := day.Verdicts[row.Name]
			height := float64(n) / float64(most) * (plotHeight - 15)
			y -= height
			if n > 0 {
				p.Bars = append(p.Bars, bar{x, y, width, height, colours[row.Name], fmt.Sprintf("%s: %d %s", day.Date, n, row.Name)})
			}
		}
		if every := max(1, (len(r.Days)+7)/8); i%every == 0 && x < plotWidth-labelWidth {
			p.Labels = append(p.Labels, label{x, plotHeight + 18, day.Date, "start"})
		}
	}
	p.axis(most)
	for _, row := range r.Verdicts {
		p.Legend = append(p.Legend, legend{colours[row.Name], row.Name})
	}
	return p
}

// axis labels the ends of the upright axis.
func (p *plot) axis(most int) {
	p.Labels = append(p.Labels, label{left - 6, 20, fmt.Sprint(most), "end"}, label{left - 6, plotHeight, "0", "end"})
}

// waitPlot counts the launches by how long they waited, a bar for each doubling.
func waitPlot(q Quantiles) plot {
	p := plot{Title: "How long launches waited", Width: plotWidth, Height: plotHeight + 30}
	first, most := -1, 0
	for i, n := range q.Doublings {
		if n > 0 && first < 0 {
			first = i
		}
		most = max(most, n)
	}
	if most == 0 {
		return p
	}
	shown := q.Doublings[first:]
	step := float64(plotWidth-left) / float64(len(shown))
	for i, n := range shown {
		height := float64(n) / float64(most) * (plotHeight - 15)
		x, limit := left+float64(i)*step, duration(int64(1)<<(first+i))
		p.Bars = append(p.Bars, bar{x, plotHeight - height, step * 0.9, height, "#0072b2", fmt.Sprintf("%d up to %s", n, limit)})
		if every := int(labelWidth/step) + 1; i%every == 0 {
			p.Labels = append(p.Labels, label{x + step*0.45, plotHeight + 18, "≤ " + limit, "middle"})
		}
	}
	p.axis(most)
	return p
}

func duration(us int64) string {
	switch {
	case us < 1000:
		return fmt.Sprintf("%d µs", us)
	case us < 1000000:
		return fmt.Sprintf("%.3g ms", ms(us))
	}
	return fmt.Sprintf("%.3g s", ms(us)/1000)
}

// gainPlot has a bar for each of the programs whose steps get most.
func gainPlot(list []Row) plot {
	list = list[:min(len(list), mostBars)]
	p := plot{Title: "Programs that gain most: steps that get something, or would", Width: plotWidth, Height: float64(len(list)*22 + 5)}
	const names = 260
	for i, row := range list {
		y := float64(i * 22)
		width := float64(row.Gain()) / float64(list[0].Gain()) * (plotWidth - names - 80)
		p.Bars = append(p.Bars, bar{names, y, width, 17, "#0072b2", fmt.Sprintf("%s: %d", row.Name, row.Gain())})
		p.Labels = append(p.Labels, label{names - 6, y + 13, cut(row.Name, 36), "end"}, label{names + width + 5, y + 13, fmt.Sprint(row.Gain()), "start"})
	}
	return p
}
