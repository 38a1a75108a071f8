// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/cmd/mp-policy/internal/inspect"
	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/plaintext"
)

const (
	// maxRows is the number of processes of a task that are shown.
	maxRows = 40
	// maxMask is the width of the columns of CPUs; of a longer list only the number is shown.
	maxMask = 12
)

// writeInspection is a report for people.
func writeInspection(w io.Writer, s screen, r *inspect.Report) {
	fmt.Fprintf(w, "%s on %s, within %.1f s\n", r.Target, plaintext.Printable(r.Host), r.Seconds)
	for _, t := range r.Tasks {
		fmt.Fprintln(w)
		writeTask(w, s, t)
		if cores := t.Around(r.Cores); len(cores) > 0 {
			fmt.Fprintln(w)
			drawTask(w, s, t, cores)
		}
		if len(t.Findings) > 0 {
			fmt.Fprintln(w)
		}
		for _, f := range t.Findings {
			writeFinding(w, s, f)
		}
	}
	if len(r.Notes) > 0 {
		fmt.Fprintln(w)
	}
	for _, note := range r.Notes {
		fmt.Fprintln(w, wrap(s.paint(yellow, "note")+": "+plaintext.Printable(note), "  "))
	}
}

func writeTask(w io.Writer, s screen, t *inspect.Task) {
	if len(t.Processes) == 0 {
		fmt.Fprintln(w, "the processes have ended")
		return
	}
	root := t.Processes[0]
	name := fmt.Sprintf("process %d", root.PID)
	if t.Job != 0 {
		name = fmt.Sprintf("job %d, step %s", t.Job, t.Step)
		if t.Rank != "" {
			name += ", task " + t.Rank
		}
	}
	fmt.Fprintln(w, s.paint(bold, clip(plaintext.Printable(fmt.Sprintf("%s, of %s: %s", name, userName(root.UID), commandLine(root))), drawWidth)))
	cpus := fmt.Sprintf("%d: %s (%s)", t.Count, t.CPUs, t.From)
	if t.Quota > 0 {
		cpus += fmt.Sprintf(", quota %.4g", t.Quota)
	}
	line := func(name, text string) { fmt.Fprintln(w, wrap(pad(name, 11)+text, strings.Repeat(" ", 11))) }
	line("CPUs", cpus)
	line("use", fmt.Sprintf("%.2f CPUs; %s, %s runnable", t.Used, plaintext.Plural(t.Workers, "worker"), plaintext.Plural(t.Runnable, "thread")))
	switch v := t.Verdict; {
	case v == nil:
	case v.Unknown != "":
		line("plugin", "no verdict: "+plaintext.Printable(v.Unknown))
	case v.Off != "":
		line("plugin", "off: "+plaintext.Printable(v.Off))
	case len(v.Tags) == 0:
		line("plugin", "nothing that rules are about")
	default:
		text := plaintext.Printable(strings.Join(v.Tags, ", "))
		if v.Why != "" {
			text += ", by " + plaintext.Printable(v.Why)
		}
		line("plugin", text)
	}
	for _, text := range environments(t) {
		line("variables", text)
	}
	fmt.Fprintln(w)
	writeProcesses(w, t)
}

// userName is the name of a user if /etc/passwd has it, else the number.
func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return "user " + strconv.Itoa(uid)
}

// environments are the variables of the Python processes. Processes with the same variables share
// a line.
func environments(t *inspect.Task) (lines []string) {
	var texts []string
	count := map[string][]int{}
	for _, p := range t.Processes {
		if !p.Python || p.Role == inspect.Helper {
			continue
		}
		var words []string
		for _, v := range p.Variables {
			word := v.Name + "=" + v.Value
			if v.Policy {
				word += " (by the policy)"
			}
			words = append(words, word)
		}
		text := "none of the policy's"
		if len(words) > 0 {
			text = strings.Join(words, ", ")
		}
		if p.Applied != "" {
			text += "; MP_POLICY_APPLIED=" + p.Applied
		}
		if count[text] == nil {
			texts = append(texts, text)
		}
		count[text] = append(count[text], p.PID)
	}
	for _, text := range texts {
		of := ""
		if len(texts) > 1 {
			of = fmt.Sprintf(" (%s, from %d)", processCount(len(count[text])), count[text][0])
		}
		lines = append(lines, plaintext.Printable(text)+of)
	}
	return lines
}

// writeProcesses prints the tree, and only the first of many processes.
func writeProcesses(w io.Writer, t *inspect.Task) {
	table := [][]string{{"PID", "CPUs", "ran on", "thr", "run", "use", "process"}}
	for _, p := range t.Processes[:min(len(t.Processes), maxRows)] {
		table = append(table, []string{
			fmt.Sprint(p.PID), maskCell(p.CPUs), maskCell(p.On), fmt.Sprint(p.Threads), fmt.Sprint(p.Runnable),
			fmt.Sprintf("%.2f", p.Used), strings.Repeat("  ", min(p.Depth, 8)) + processText(p),
		})
	}
	var b strings.Builder
	rows(&b, "", table)
	for line := range strings.Lines(b.String()) {
		fmt.Fprintln(w, clip(strings.TrimRight(line, "\n"), drawWidth))
	}
	if more := len(t.Processes) - maxRows; more > 0 {
		fmt.Fprintf(w, "and %d more: --json has all\n", more)
	}
}

func processText(p *inspect.Process) string {
	switch p.Role {
	case inspect.Worker:
		return "worker (" + p.Start + ")"
	case inspect.Helper:
		return p.Start
	}
	return plaintext.Printable(commandLine(p))
}

// commandLine is the command of a process, with the base name of its program.
func commandLine(p *inspect.Process) string {
	if len(p.Command) == 0 || p.Command[0] == "" {
		return p.Name
	}
	words := slices.Clone(p.Command)
	words[0] = filepath.Base(words[0])
	return strings.Join(words, " ")
}

func maskCell(list string) string {
	if list == "" {
		return "-"
	}
	if len(list) <= maxMask {
		return list
	}
	mask, err := nodeinfo.ParseList(list)
	if err != nil {
		return "?"
	}
	return plaintext.Plural(mask.Count(), "CPU")
}

// drawTask draws the cores around the task's CPUs, with what runs on each.
func drawTask(w io.Writer, s screen, t *inspect.Task, cores []nodeinfo.Core) {
	sign := drawCores(w, s, cores, marks{
		mask: t.Mask, of: "of the task", sign: t.Sign,
		colour: func(signs string) string {
			switch {
			case strings.ContainsAny(signs, "23456789+"):
				return red
			case strings.Contains(signs, "1"):
				return green
			case strings.Contains(signs, "."):
				return yellow
			}
			return ""
		},
	})
	fmt.Fprintln(w)
	fmt.Fprintln(w, wrap(sign, "  "))
	fmt.Fprintln(w, wrap("1 to 9 and + are runnable threads of the task; . is a CPU of the task with none, - is not of the task", "  "))
}

func writeFinding(w io.Writer, s screen, f inspect.Finding) {
	colour := map[string]string{inspect.Warn: yellow, inspect.Note: faint}[f.Level]
	fmt.Fprintln(w, s.paint(colour, f.Level)+"  "+wrapAt(plaintext.Printable(f.Text), "      ", drawWidth-6))
	for _, do := range f.Do {
		fmt.Fprintf(w, "      %s:\n          %s\n", plaintext.Printable(do.When), plaintext.Printable(do.Type))
	}
}

func processCount(n int) string {
	if n == 1 {
		return "1 process"
	}
	return fmt.Sprintf("%d processes", n)
}
