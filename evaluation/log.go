// SPDX-License-Identifier: MIT

package evaluation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/policy"
	"slurm-mp-policy/workload"
)

// Words of log= in plugstack.conf.
const (
	LogOff     = "off"
	LogChanges = "changes"
	LogAll     = "all"
)

// Keys of a step's line that the engine writes; the shim writes the others (cshim/log.c).
// docs/administrators.md describes them.
const (
	keyVerdict     = "verdict"
	keyProgram     = "program"
	keyCPUs        = "cpus"
	keySet         = "set"
	keyRemoved     = "removed"
	keyWouldSet    = "would_set"
	keyWouldRemove = "would_remove"
	keyHints       = "hints"
	keyRules       = "rules"
)

// LogKeys are the keys that the engine writes.
func LogKeys() []string {
	return []string{keyVerdict, keyProgram, keyCPUs, keySet, keyRemoved, keyWouldSet, keyWouldRemove, keyHints, keyRules}
}

// Verdicts of the engine. The shim has the verdicts of steps that are not evaluated.
const (
	verdictPython   = "python" // Python without workers
	verdictNone     = "none"   // not Python
	verdictLeft     = "left"
	verdictOff      = "off"
	verdictOptedOut = "opted-out"
)

// These constants bound one value, in bytes, so that a line has room for all keys.
const (
	maxLogProgram = 32
	maxLogValue   = 24 // value of a variable
	maxLogList    = 96 // list of variables or rules
)

// LogLine returns the engine's part of the step's line in slurmd's log, in logfmt. Most
// is the largest length of the line in bytes. It returns "" if log= excludes the step. If
// tasks get different settings, the line is about the tasks that get the most settings.
func (e *Evaluation) LogLine(results []Result, most int) string {
	if len(results) == 0 || e.Request.Log != LogAll && e.Request.Log != LogChanges {
		return ""
	}
	r := &results[0]
	for i := range results {
		if count(&results[i]) > count(r) {
			r = &results[i]
		}
	}
	if e.Request.Log == LogChanges && count(r) == 0 {
		return ""
	}
	l := logLine{most: most}
	l.add(keyVerdict, e.verdict(r))
	l.add(keyProgram, logText(programName(r.Workload), maxLogProgram))
	if r.Allocation.CPUs > 0 {
		l.add(keyCPUs, strconv.Itoa(r.Allocation.CPUs))
	}
	set, removed := keySet, keyRemoved
	if e.Observed {
		set, removed = keyWouldSet, keyWouldRemove
	}
	var values, names, rules []string
	for _, s := range r.Settings {
		switch s.Action {
		case policy.Keep:
			continue
		case policy.Unset:
			names = append(names, s.Name)
		default:
			values = append(values, logSetting(s))
		}
		if !slices.Contains(rules, s.Reason) {
			rules = append(rules, s.Reason)
		}
	}
	if r.Left != "" {
		rules = []string{r.Left}
	}
	l.add(set, logList(values, ","))
	l.add(removed, logList(names, ","))
	if len(r.Hints) > 0 {
		l.add(keyHints, strconv.Itoa(len(r.Hints)))
	}
	for i := range rules {
		rules[i] = strings.ReplaceAll(rules[i], ";", ",")
	}
	l.add(keyRules, logList(rules, ";"))
	return l.String()
}

// count returns the number of variables that are set or removed for a group's tasks.
func count(r *Result) int {
	n := 0
	for _, s := range r.Settings {
		if s.Action != policy.Keep {
			n++
		}
	}
	return n
}

func (e *Evaluation) verdict(r *Result) string {
	switch {
	case e.Choice.Off:
		return verdictOptedOut
	case !e.Active:
		return verdictOff
	case r.Left != "":
		return verdictLeft
	}
	for _, tag := range []string{workload.TagMultiprocessing, workload.TagWorkers, workload.TagPython} {
		if slices.Contains(r.Workload.Tags, tag) {
			return tag
		}
	}
	return verdictNone
}

// programName returns the base name of the script that Python runs, or of the program if
// there is none.
func programName(w workload.Result) string {
	if w.Script != "" {
		return w.Script[strings.LastIndexByte(w.Script, '/')+1:]
	}
	return w.Program
}

// logSetting returns NAME:VALUE. It returns only NAME if the value could be a path or is
// long, because a part of such a value may come from the user.
func logSetting(s policy.Setting) string {
	if len(s.Value) > maxLogValue || strings.ContainsFunc(s.Value, func(c rune) bool {
		return c <= ' ' || c > '~' || strings.ContainsRune(`/,:;="\`, c)
	}) {
		return s.Name
	}
	return s.Name + ":" + s.Value
}

// logList joins words while there is room, and adds the number of the other words: +3.
func logList(words []string, separator string) string {
	var b strings.Builder
	for i, word := range words {
		word = logText(word, maxLogList/2)
		if b.Len()+len(word) > maxLogList {
			fmt.Fprintf(&b, "%s+%d", separator, len(words)-i)
			break
		}
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(word)
	}
	return b.String()
}

// logText makes a text safe for a line: it is ASCII, and no character ends a quoted
// value.
func logText(text string, most int) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case c < ' ' || c > '~':
			return '?'
		case c == '"' || c == '\\':
			return '\''
		}
		return c
	}, text)
	return text[:min(len(text), most)]
}

// logLine collects NAME=VALUE pairs of logfmt, separated by blanks.
type logLine struct {
	strings.Builder
	most int
}

// add adds a pair, unless the value is empty or has no room.
func (l *logLine) add(key, value string) {
	if strings.ContainsAny(value, " =") {
		value = `"` + value + `"`
	}
	if value == "" || l.Len()+len(key)+len(value)+2 > l.most {
		return
	}
	if l.Len() > 0 {
		l.WriteByte(' ')
	}
	l.WriteString(key + "=" + value)
}
