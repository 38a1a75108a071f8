// SPDX-License-Identifier: MIT

package report

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"slurm-mp-policy/plaintext"
)

// Widths and lengths that fit a terminal of 80 columns and one screen.
const (
	nameWidth = 36
	mostRows  = 4
)

// Write prints the report for people; by is one of the Kinds, heading paints a title.
func (r Report) Write(w io.Writer, by string, heading func(string) string) {
	fmt.Fprintf(w, "%s\n%s\n", heading(r.title()), r.answer())
	head := fmt.Sprintf("%8s %6s %8s %8s %8s", "steps", "%", "changed", "would", "failed")
	section := func(name string, list []Row, most int) {
		if len(list) == 0 {
			return
		}
		fmt.Fprintf(w, "\n%s\n", heading(pad(name, nameWidth)+head))
		for i, row := range list {
			if i == most {
				fmt.Fprintf(w, "and %d more\n", len(list)-most)
				break
			}
			fmt.Fprintf(w, "%s%8d %6.1f %8d %8d %8d\n", pad(row.Name, nameWidth), row.Steps, r.percent(row.Steps), row.Changed, row.Would, row.Failed)
		}
	}
	section("verdict", r.Verdicts, len(Verdicts)+1)
	if by != "verdict" {
		section(by, r.By(by), 2*mostRows)
	}
	if by != "rule" {
		section("rule", r.Rules, mostRows)
	}
	section("variable", r.Changes, mostRows)
	if by != "program" {
		section("programs that gain most", gaining(r.Programs), mostRows)
	}
	section("users who opted out", r.OptedOut, mostRows)
	r.writeTimes(w, heading)
	r.writeTexts(w, heading)
}

// gaining are the programs whose steps get settings, or would get them.
func gaining(list []Row) []Row {
	var some []Row
	for _, row := range list {
		if row.Gain() > 0 {
			some = append(some, row)
		}
	}
	return some
}

func (r Report) title() string {
	days := ""
	if r.From != "" {
		days = ", " + r.From[:len(time.DateOnly)] + " to " + r.To[:len(time.DateOnly)]
	}
	return fmt.Sprintf("%d steps, each counted once on each node%s", r.Total.Steps, days)
}

// answer returns the text that a reader wants to see first.
func (r Report) answer() string {
	var parts []string
	if r.Total.Would > 0 {
		parts = append(parts, fmt.Sprintf("%.1f %% would change", r.percent(r.Total.Would)))
	}
	if r.Total.Changed > 0 || r.Total.Would == 0 {
		parts = append(parts, fmt.Sprintf("%.1f %% changed", r.percent(r.Total.Changed)))
	}
	parts = append(parts, fmt.Sprintf("%d failed", r.Total.Failed), fmt.Sprintf("%d opted out", r.Total.Opted), fmt.Sprintf("%d have hints", r.Hinted))
	return strings.Join(parts, ", ")
}

func (r Report) percent(n int) float64 {
	if r.Total.Steps == 0 {
		return 0
	}
	return 100 * float64(n) / float64(r.Total.Steps)
}

func (r Report) writeTimes(w io.Writer, heading func(string) string) {
	if r.Wait.Count == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", heading(pad("milliseconds", nameWidth)+fmt.Sprintf("%8s %8s %8s %8s", "median", "90 %", "99 %", "most")))
	for _, t := range []struct {
		name string
		q    Quantiles
	}{{"a launch waits", r.Wait}, {"CPU of an evaluation", r.CPU}} {
		if t.q.Count > 0 {
			fmt.Fprintf(w, "%s%8.1f %8.1f %8.1f %8.1f\n", pad(t.name, nameWidth), ms(t.q.P50), ms(t.q.P90), ms(t.q.P99), ms(t.q.Max))
		}
	}
}

func ms(us int64) float64 { return float64(us) / 1000 }

// writeTexts prints the failures, and the plugin's other lines if these differ from them.
func (r Report) writeTexts(w io.Writer, heading func(string) string) {
	texts := func(title string, list []Row) {
		if len(list) == 0 {
			return
		}
		fmt.Fprintf(w, "\n%s\n", heading(title))
		for i, row := range list {
			if i == mostRows {
				fmt.Fprintf(w, "and %d more\n", len(list)-mostRows)
				break
			}
			fmt.Fprintf(w, "%8d  %s\n", row.Steps, cut(row.Name, 70))
		}
	}
	texts("failures", r.Failures)
	texts("other lines of the plugin", r.others())
}

// others returns the messages that do not repeat the failure of a step's line.
func (r Report) others() []Row {
	var list []Row
	for _, m := range r.Messages {
		said := false
		for _, f := range r.Failures {
			said = said || strings.HasPrefix(m.Name, f.Name)
		}
		if !said {
			list = append(list, m)
		}
	}
	return list
}

// pad makes a text for a column: it is printable and has so many characters.
func pad(text string, width int) string {
	text = cut(text, width-1)
	return text + strings.Repeat(" ", width-utf8.RuneCountInString(text))
}

// cut makes a text printable, and limits it to so many characters.
func cut(text string, most int) string {
	list := []rune(plaintext.Printable(text))
	if len(list) > most {
		return string(list[:most-3]) + "..."
	}
	return string(list)
}
