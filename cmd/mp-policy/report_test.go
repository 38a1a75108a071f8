// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const logged = "internal/report/testdata/slurmd.log"

// What the sums are is tested in their package; this is how the command takes a log.
func TestReport(t *testing.T) {
	text, err := os.ReadFile(logged)
	if err != nil {
		t.Fatal(err)
	}
	packed := filepath.Join(t.TempDir(), "slurmd.log.1.gz")
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(text)
	w.Close()
	if err := os.WriteFile(packed, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runTool("report", "--by", "program", logged, packed)
	if code != 0 || errs != "" || !strings.HasPrefix(out, "18 steps, ") || !strings.Contains(out, "\ntrain.py  ") {
		t.Errorf("exit %d, stderr %q\n%s", code, errs, out)
	}
	code, out, errs = runTool("report", "--json", "--since", "2026-11-02", logged)
	var got struct {
		Version int
		Total   struct{ Steps int }
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 || got.Total.Steps != 5 {
		t.Errorf("exit %d, %v, %+v", code, err, got)
	}
	if want := "mp-policy: --since left out 1 line without a time\n"; errs != want {
		t.Errorf("stderr %q, want %q", errs, want)
	}
}

func TestReportFromStandardInput(t *testing.T) {
	text, err := os.Open(logged)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	for _, args := range [][]string{{"report"}, {"report", "-"}} {
		if _, err := text.Seek(0, 0); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		root := newRoot(screen{})
		root.SetArgs(args)
		root.SetIn(text)
		root.SetOut(&out)
		if err := root.Execute(); err != nil || !strings.HasPrefix(out.String(), "9 steps, ") {
			t.Errorf("%v: %v\n%s", args, err, out.String())
		}
	}
}

func TestReportPage(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.html")
	code, out, errs := runTool("report", "--html", name, logged)
	if code != 0 || errs != "" || !strings.HasPrefix(out, "9 steps") {
		t.Errorf("exit %d, %s\n%s", code, errs, out)
	}
	if text, err := os.ReadFile(name); err != nil || !strings.HasPrefix(string(text), "<!DOCTYPE html>") || !strings.HasSuffix(string(text), "</html>\n") {
		t.Errorf("the page: %v, %.80q", err, text)
	}
}

// TestReportOfNothing: a log without such lines is a finding, with what to do.
func TestReportOfNothing(t *testing.T) {
	code, out, errs := runTool("report", "testdata/site.conf")
	if code != exitFindings || !strings.HasPrefix(out, "0 steps") || !strings.Contains(errs, "write log=all") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
	}
}

func TestReportUsage(t *testing.T) {
	for args, want := range map[string]string{
		"--by colour -":               `--by "colour" is not known: want user, partition, program, rule, verdict`,
		"--since yesterday -":         `--since "yesterday" is no time: want 2026-11-01, 2026-11-01T08:00, 30d or 12h`,
		"/nowhere":                    "the log cannot be read: open /nowhere: ",
		"--html /nowhere/a " + logged: "--html: open /nowhere/a: ",
		".":                           ".: read .: is a directory",
	} {
		code, out, errs := runTool(append([]string{"report"}, strings.Fields(args)...)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want %q", args, code, out, errs, want)
		}
	}
}

func TestParseSince(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-11-01": "2026-11-01T00:00:00Z", "2026-11-01T08:00": "2026-11-01T08:00:00Z", "2026-11-01T08:00:05": "2026-11-01T08:00:05Z",
		"2d": "2026-11-29T12:00:00Z", "12h": "2026-12-01T00:00:00Z", "": "0001-01-01T00:00:00Z",
	} {
		if got, err := parseSince(text, now); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
}
