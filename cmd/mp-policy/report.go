// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slurm-mp-policy/cmd/mp-policy/internal/report"
	"slurm-mp-policy/plaintext"
)

// reporting is what report is told.
type reporting struct {
	since, by, html string
	asJSON          bool
	now             time.Time
}

func newReport(s screen) *cobra.Command {
	var o reporting
	cmd := &cobra.Command{
		Use:   "report [OPTIONS] [FILE...]",
		Short: "Sum up what slurmd's log has of steps",
		Long: `Sum up the lines that the plugin writes into slurmd's log with log=all or
log=changes in plugstack.conf: steps by what their program is, what was set or
removed, or would have been with default=observe, by which rule, for whom, how
long launches waited, and what failed. A step counts once for each node that it
ran on. With log=changes the log has no other steps, so shares are of those.

FILE is a slurmd log, which may be compressed by gzip, or what journalctl
prints; - is standard input, which is read if there is no FILE. Other lines are
passed by.

T of --since is a date (2026-11-01), a date with a time (2026-11-01T08:00), or
days or hours before now (30d, 12h). Lines without a time are left out then.

Exit status: 0; 1 if there is no line of a step; 2 if the command line is wrong
or a file cannot be read. The JSON of --json is described by
/usr/share/slurm-mp-policy/report.schema.json (docs/ in the sources).`,
		Example: `  mp-policy report /var/log/slurm/slurmd.log
  clush -a -N cat /var/log/slurm/slurmd.log | mp-policy report --by program
  journalctl -u slurmd -o short-iso | mp-policy report --since 7d
  mp-policy report --html report.html slurmd.log slurmd.log.1.gz`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.now = time.Now()
			return o.run(cmd, s, args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.since, "since", "", "leave out what is earlier than `T`")
	f.StringVar(&o.by, "by", "partition", "print the steps by `KIND`: "+strings.Join(report.Kinds, ", "))
	f.BoolVar(&o.asJSON, "json", false, "print JSON")
	f.StringVar(&o.html, "html", "", "write a page with tables and plots to `FILE` as well")
	complete(cmd, "by", report.Kinds)
	return cmd
}

func (o *reporting) run(cmd *cobra.Command, s screen, files []string) error {
	if !slices.Contains(report.Kinds, o.by) {
		return fmt.Errorf("--by %q is not known: want %s", o.by, strings.Join(report.Kinds, ", "))
	}
	since, err := parseSince(o.since, o.now)
	if err != nil {
		return err
	}
	sums := report.New(since, o.now)
	if len(files) == 0 {
		files = []string{"-"}
	}
	for _, name := range files {
		if err := readLog(sums, name, cmd.InOrStdin()); err != nil {
			return err
		}
	}
	r := sums.Report(nameOfUser)
	if o.html != "" {
		if err := writePage(r, o.html, o.now); err != nil {
			return err
		}
	}
	if o.asJSON {
		err = writeJSON(cmd.OutOrStdout(), r)
	} else {
		r.Write(cmd.OutOrStdout(), o.by, func(text string) string { return s.paint(bold, text) })
	}
	if err == nil && r.Total.Steps == 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), "mp-policy: there is no line of a step: write log=all behind mp_policy.so in plugstack.conf, and see --since")
		return errFindings
	}
	if r.Undated > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "mp-policy: --since left out %s without a time\n", plaintext.Plural(r.Undated, "line"))
	}
	return err
}

func readLog(sums *report.Sums, name string, stdin io.Reader) error {
	if name == "-" {
		return sums.Read(stdinName, stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("the log cannot be read: %w", err)
	}
	defer f.Close()
	return sums.Read(name, f)
}

func writePage(r report.Report, name string, now time.Time) error {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	if err := errors.Join(r.WriteHTML(f, now), f.Close()); err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	return nil
}

// parseSince reads a time, or how long it is ago; "" is no time.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for unit, hours := range map[string]int{"d": 24, "h": 1} {
		digits, ok := strings.CutSuffix(text, unit)
		if n, err := strconv.ParseUint(digits, 10, 16); ok && err == nil {
			return now.Add(-time.Duration(n) * time.Duration(hours) * time.Hour), nil
		}
	}
	for _, form := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(form, text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--since %q is no time: want 2026-11-01, 2026-11-01T08:00, 30d or 12h", text)
}

// nameOfUser returns the name of a number, if this machine knows it.
func nameOfUser(uid string) string {
	if u, err := user.LookupId(uid); err == nil {
		return u.Username
	}
	return uid
}
