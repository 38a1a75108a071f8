// SPDX-License-Identifier: MIT

// Package report sums up the lines that the plugin writes into slurmd's log with
// log=changes|all.
package report

import (
	"bytes"
	"maps"
	"slices"
	"time"
)

// Version is that of the JSON, docs/report.schema.json. It rises with every change.
const Version = 1

// Verdicts are those that a line may have, in the order of a report.
var Verdicts = []string{"multiprocessing", "workers", "python", "none", "left", "opted-out", "off", "switched-off", "failed"}

// unknown is a verdict of another version's plugin.
const unknown = "(unknown)"

// maxDays bounds the days of a plot.
const maxDays = 800

// Kinds are the possible subjects of rows: the words of --by.
var Kinds = []string{"user", "partition", "program", "rule", "verdict"}

// Sums are the sums of a log, in a bounded space.
type Sums struct {
	Since time.Time // earlier lines do not count; zero: all do
	now   time.Time

	from, to time.Time
	total    Row
	undated  int // lines left out because Since is set and they have no time
	hinted   int // steps with hints
	rows     map[string]rows
	failures rows
	messages rows
	opted    rows // users who opted out
	changes  rows // NAME:VALUE and -NAME
	days     map[string]map[string]int
	wait     Histogram
	cpu      Histogram
}

// New returns empty sums. A time without a year is taken to be before now.
func New(since, now time.Time) *Sums {
	s := &Sums{
		Since: since, now: now, rows: map[string]rows{}, failures: rows{}, messages: rows{}, opted: rows{}, changes: rows{},
		days: map[string]map[string]int{},
	}
	for _, kind := range Kinds {
		s.rows[kind] = rows{}
	}
	return s
}

// Add counts a line of a log. It may be any line.
func (s *Sums) Add(text []byte) {
	at := bytes.Index(text, prefix)
	if at < 0 {
		return
	}
	when := timeOf(text[:at], s.now)
	if !s.Since.IsZero() && when.IsZero() {
		s.undated++
		return
	}
	if when.Before(s.Since) {
		return
	}
	rest := bytes.TrimRight(text[at+len(prefix):], "\r\n ")
	l, ok := parseLine(rest)
	if !ok {
		if !bytes.HasPrefix(rest, []byte("waited ")) { // of SlurmdDebug=debug
			s.messages.of(rest).Steps++
		}
		return
	}
	s.addTime(when, l.verdict)
	s.addStep(&l)
}

func (s *Sums) addStep(l *line) {
	s.total.add(l)
	if !slices.Contains(Verdicts, string(l.verdict)) {
		l.verdict = []byte(unknown)
	}
	s.rows["verdict"].of(l.verdict).add(l)
	s.rows["user"].of(l.user).add(l)
	s.rows["partition"].of(l.partition).add(l)
	if l.program != nil {
		s.rows["program"].of(l.program).add(l)
	}
	each(l.rules, ';', func(name []byte) { s.rows["rule"].of(name).add(l) })
	for _, list := range [][]byte{l.set, l.wouldSet} {
		each(list, ',', func(name []byte) { s.changes.of(append([]byte("set "), name...)).add(l) })
	}
	for _, list := range [][]byte{l.removed, l.wouldRemove} {
		each(list, ',', func(name []byte) { s.changes.of(append([]byte("remove "), name...)).add(l) })
	}
	if l.hints != nil {
		s.hinted++
	}
	if l.failed != nil {
		s.failures.of(l.failed).add(l)
	}
	if string(l.verdict) == "opted-out" {
		s.opted.of(l.user).add(l)
	}
	if l.wait >= 0 {
		s.wait.Add(l.wait)
	}
	if l.cpu >= 0 {
		s.cpu.Add(l.cpu)
	}
}

func (s *Sums) addTime(when time.Time, verdict []byte) {
	if when.IsZero() {
		return
	}
	if s.from.IsZero() || when.Before(s.from) {
		s.from = when
	}
	if when.After(s.to) {
		s.to = when
	}
	day := when.Format(time.DateOnly)
	if s.days[day] == nil {
		if len(s.days) >= maxDays {
			return
		}
		s.days[day] = map[string]int{}
	}
	name := string(verdict)
	if !slices.Contains(Verdicts, name) {
		name = unknown
	}
	s.days[day][name]++
}

// each calls a function for each word of a list, except "+3": this counts the words that
// had no room.
func each(list []byte, separator byte, do func([]byte)) {
	for len(list) > 0 {
		var word []byte
		word, list, _ = bytes.Cut(list, []byte{separator})
		if len(word) > 0 && word[0] != '+' {
			do(word)
		}
	}
}

// Report has the sums of a log, as in the JSON. The most frequent entry of a list is first.
type Report struct {
	Version    int       `json:"version"`
	From       string    `json:"from,omitempty"`
	To         string    `json:"to,omitempty"`
	Undated    int       `json:"undated"`
	Total      Row       `json:"total"`
	Hinted     int       `json:"hinted"`
	Verdicts   []Row     `json:"verdicts"`
	Partitions []Row     `json:"partitions"`
	Users      []Row     `json:"users"`
	Programs   []Row     `json:"programs"`
	Rules      []Row     `json:"rules"`
	Changes    []Row     `json:"changes"`
	OptedOut   []Row     `json:"opted_out"`
	Failures   []Row     `json:"failures"`
	Messages   []Row     `json:"messages"`
	Wait       Quantiles `json:"wait"`
	CPU        Quantiles `json:"cpu"`
	Days       []Day     `json:"days"`
}

// Day counts the steps of one day by their verdict.
type Day struct {
	Date     string         `json:"date"`
	Verdicts map[string]int `json:"verdicts"`
}

// Report sums up. name gives a user's name for a number, or the number again.
func (s *Sums) Report(name func(uid string) string) Report {
	steps := func(r Row) int { return r.Steps }
	r := Report{
		Version: Version, Undated: s.undated, Total: s.total, Hinted: s.hinted,
		Partitions: s.rows["partition"].list(steps), Users: s.rows["user"].list(steps), Programs: s.rows["program"].list(Row.Gain),
		Rules: s.rows["rule"].list(steps), Changes: s.changes.list(steps), OptedOut: s.opted.list(steps),
		Failures: s.failures.list(steps), Messages: s.messages.list(steps), Wait: s.wait.Quantiles(), CPU: s.cpu.Quantiles(),
		Verdicts: []Row{}, Days: []Day{},
	}
	r.Total.Name = "all"
	if !s.from.IsZero() {
		r.From, r.To = s.from.Format(time.RFC3339), s.to.Format(time.RFC3339)
	}
	for _, verdict := range append(slices.Clone(Verdicts), unknown) {
		if row := s.rows["verdict"][verdict]; row != nil {
			r.Verdicts = append(r.Verdicts, *row)
		}
	}
	for _, list := range [][]Row{r.Users, r.OptedOut} {
		for i := range list {
			if list[i].Name != Others {
				list[i].Name = name(list[i].Name)
			}
		}
	}
	for _, day := range slices.Sorted(maps.Keys(s.days)) {
		r.Days = append(r.Days, Day{day, s.days[day]})
	}
	return r
}

// By returns the rows of one of the Kinds.
func (r Report) By(kind string) []Row {
	switch kind {
	case "user":
		return r.Users
	case "program":
		return r.Programs
	case "rule":
		return r.Rules
	case "verdict":
		return r.Verdicts
	}
	return r.Partitions
}
