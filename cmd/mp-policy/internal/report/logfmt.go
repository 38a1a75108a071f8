// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"regexp"
	"strconv"
	"time"
)

// prefix begins the plugin's text. slurmd, the journal or syslog put other text in front
// of it.
var prefix = []byte("mp-policy: ")

// line is one step's line; docs/administrators.md has the meaning of each key.
type line struct {
	step, user, partition, verdict, program, failed, rules []byte

	set, removed, wouldSet, wouldRemove []byte
	hints                               []byte
	wait, cpu                           int64 // microseconds, -1 if not there
}

// parseLine reads the pairs of logfmt as the plugin writes them. If a key is there twice,
// the first one counts. It returns false for a text that is not a step's line.
func parseLine(text []byte) (line, bool) {
	l := line{wait: -1, cpu: -1}
	if !bytes.HasPrefix(text, []byte("step=")) {
		return l, false
	}
	for len(text) > 0 {
		text = bytes.TrimLeft(text, " ")
		key, rest, ok := bytes.Cut(text, []byte("="))
		if !ok {
			break
		}
		var value []byte
		if len(rest) > 0 && rest[0] == '"' {
			value, text, _ = bytes.Cut(rest[1:], []byte(`"`))
		} else {
			value, text, _ = bytes.Cut(rest, []byte(" "))
		}
		l.take(key, value)
	}
	return l, len(l.verdict) > 0
}

func (l *line) take(key, value []byte) {
	switch string(key) {
	case "step":
		first(&l.step, value)
	case "user":
		first(&l.user, value)
	case "partition":
		first(&l.partition, value)
	case "verdict":
		first(&l.verdict, value)
	case "program":
		first(&l.program, value)
	case "failed":
		first(&l.failed, value)
	case "rules":
		first(&l.rules, value)
	case "set":
		first(&l.set, value)
	case "removed":
		first(&l.removed, value)
	case "would_set":
		first(&l.wouldSet, value)
	case "would_remove":
		first(&l.wouldRemove, value)
	case "hints":
		first(&l.hints, value)
	case "wait_us":
		firstNumber(&l.wait, value)
	case "cpu_us":
		firstNumber(&l.cpu, value)
	}
}

func first(to *[]byte, value []byte) {
	if *to == nil {
		*to = value
	}
}

func firstNumber(to *int64, value []byte) {
	if n, err := strconv.ParseInt(string(value), 10, 64); err == nil && *to < 0 && n >= 0 {
		*to = n
	}
}

// Times in front of a line: those of Slurm's LogTimeFormat=iso8601 and the like, of
// journalctl -o short-iso and of newer rsyslog, in brackets or not; and the older one of
// syslog and journalctl, which has no year.
const isoForm = "2006-01-02T15:04:05"

var syslogTime = regexp.MustCompile(`^[A-Z][a-z][a-z] [ 0-3]\d \d\d:\d\d:\d\d`)

// timeOf reads the time in front of a line, in the zone of this machine. It returns zero
// if there is no time in a known form.
func timeOf(head []byte, now time.Time) time.Time {
	iso := bytes.TrimLeft(head, "[")
	if len(iso) >= len(isoForm) && iso[4] == '-' && iso[10] == 'T' {
		t, err := time.ParseInLocation(isoForm, string(iso[:len(isoForm)]), now.Location())
		if err == nil {
			return t
		}
	}
	if m := syslogTime.Find(head); m != nil {
		t, err := time.ParseInLocation("2006 Jan _2 15:04:05", strconv.Itoa(now.Year())+" "+string(m), now.Location())
		if err != nil {
			return time.Time{}
		}
		if t.After(now.Add(24 * time.Hour)) {
			t = t.AddDate(-1, 0, 0)
		}
		return t
	}
	return time.Time{}
}
