// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the goldens anew")

// now is when the tests' reports are made.
var now = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func sample(t *testing.T, since time.Time) Report {
	t.Helper()
	text, err := os.ReadFile("testdata/slurmd.log")
	if err != nil {
		t.Fatal(err)
	}
	s := New(since, now)
	if err := s.Read("slurmd.log", bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return s.Report(func(uid string) string { return "user" + uid })
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: want -, got +:\n%s", path, diff)
	}
}

func TestTable(t *testing.T) {
	var all strings.Builder
	r := sample(t, time.Time{})
	for _, kind := range Kinds {
		fmt.Fprintf(&all, "# by %s\n", kind)
		r.Write(&all, kind, func(text string) string { return text })
		all.WriteByte('\n')
	}
	golden(t, "table.golden", all.String())
	for line := range strings.Lines(all.String()) {
		if n := len([]rune(line)) - 1; n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestJSON(t *testing.T) {
	text, err := json.MarshalIndent(sample(t, time.Time{}), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "json.golden", string(text)+"\n")
}

// TestSchema holds what is printed, of a full log and of none, against the schema.
func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../../../docs/report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	empty := New(time.Time{}, now).Report(func(uid string) string { return uid })
	for _, r := range []Report{sample(t, time.Time{}), empty} {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Error(err)
		}
	}
}

func TestSince(t *testing.T) {
	r := sample(t, time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC))
	if r.Total.Steps != 5 || r.Undated != 1 || len(r.Days) != 2 {
		t.Errorf("steps %d, undated %d, days %v", r.Total.Steps, r.Undated, r.Days)
	}
}

func TestReadCompressed(t *testing.T) {
	text, err := os.ReadFile("testdata/slurmd.log")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(text)
	w.Close()
	s := New(time.Time{}, now)
	if err := s.Read("x.gz", bytes.NewReader(packed.Bytes())); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(t, time.Time{}), s.Report(func(uid string) string { return "user" + uid })); diff != "" {
		t.Errorf("plain -, compressed +:\n%s", diff)
	}
	if err := New(time.Time{}, now).Read("x.gz", bytes.NewReader(packed.Bytes()[:60])); err == nil || !strings.HasPrefix(err.Error(), "x.gz: ") {
		t.Errorf("cut off: %v", err)
	}
}

// TestLongLine: a line without end costs no memory, and what follows counts.
func TestLongLine(t *testing.T) {
	s := New(time.Time{}, now)
	text := strings.Repeat("x", 10*maxLine) + "mp-policy: step=1.0 verdict=none\nmp-policy: step=2.0 user=1 verdict=none"
	if err := s.Read("x", strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if s.total.Steps != 1 {
		t.Errorf("%d steps", s.total.Steps)
	}
}

// TestBounded: any number of names takes a bounded space, every step counts once in each
// table, and a name that comes late and often has a row of its own.
func TestBounded(t *testing.T) {
	s := New(time.Time{}, now)
	add := func(i int, program string) {
		s.Add(fmt.Appendf(nil, "[20%02d-11-01T08:00:00] mp-policy: step=1.0 user=%d partition=p%d verdict=multiprocessing program=%s set=A%d:1,B:2 rules=\"r%d;s\"", i%100, i, i, program, i, i))
		s.Add(fmt.Appendf(nil, "mp-policy: message %d", i))
	}
	for i := range 10 * maxRows {
		add(i, fmt.Sprint("program", i))
	}
	for i := range maxRows {
		add(i, "late.py")
	}
	r := s.Report(func(uid string) string { return uid })
	for _, kind := range Kinds {
		list, sum := r.By(kind), 0
		for _, row := range list {
			sum += row.Steps
		}
		if len(list) > maxRows+1 {
			t.Errorf("%s: %d rows", kind, len(list))
		}
		if want := 11 * maxRows; kind != "rule" && sum != want {
			t.Errorf("%s: %d steps in rows, want %d", kind, sum, want)
		}
	}
	if r.Programs[0].Name != "late.py" || r.Programs[0].Steps != maxRows {
		t.Errorf("first program %+v", r.Programs[0])
	}
	if last := r.Programs[len(r.Programs)-1]; last.Name != Others {
		t.Errorf("last program %+v", last)
	}
	if len(r.Messages) > maxRows+1 || len(r.Changes) > maxRows+1 {
		t.Errorf("%d messages, %d changes", len(r.Messages), len(r.Changes))
	}
}

func TestTimes(t *testing.T) {
	for head, want := range map[string]string{
		"[2026-11-01T08:00:01.123] [1.0] ":          "2026-11-01T08:00:01Z",
		"2026-11-01T08:00:01+0100 node slurmd[1]: ": "2026-11-01T08:00:01Z",
		"Nov  1 08:00:01 node slurmstepd[1]: ":      "2026-11-01T08:00:01Z",
		"Dec 24 08:00:01 node slurmstepd[1]: ":      "2025-12-24T08:00:01Z",
		"[2026-13-01T08:00:01.123] ":                "0001-01-01T00:00:00Z",
		"":                                          "0001-01-01T00:00:00Z",
		"slurmstepd: ":                              "0001-01-01T00:00:00Z",
	} {
		if got := timeOf([]byte(head), now).Format(time.RFC3339); got != want {
			t.Errorf("%q: %s, want %s", head, got, want)
		}
	}
}

func TestHistogram(t *testing.T) {
	var h Histogram
	for us := range int64(10000) {
		h.Add(us)
	}
	for q, want := range map[float64]int64{0.5: 5000, 0.9: 9000, 0.99: 9900, 1: 9999} {
		if got := h.Quantile(q); float64(got) < float64(want) || float64(got) > 1.1*float64(want) {
			t.Errorf("quantile %v is %d, want %d or 10 %% more", q, got, want)
		}
	}
	h.Add(1 << 60)
	if got := h.Quantiles(); got.Max != 1<<60 || got.Count != 10001 {
		t.Errorf("got %+v", got)
	}
}

// TestPage: the page has each plot and table, nothing of a log is markup in it, and it
// needs no other file.
func TestPage(t *testing.T) {
	var b strings.Builder
	if err := sample(t, time.Time{}).WriteHTML(&b, now); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if got := strings.Count(text, "<svg "); got != 3 {
		t.Errorf("%d plots", got)
	}
	for _, want := range []string{"Made on 2026-12-01", "2026-11-02: 1 failed", "&lt;b&gt;&amp;.py", "<h2>Failures</h2>", "user99999001"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if m := regexp.MustCompile(`<b>|<script|\b(src|href)=|https?://`).FindString(text); m != "" {
		t.Errorf("the page has %q", m)
	}
	if strings.Contains(text, "ZgotmplZ") {
		t.Error("a value is not safe where it stands")
	}
	b.Reset()
	if err := New(time.Time{}, now).Report(func(uid string) string { return uid }).WriteHTML(&b, now); err != nil || strings.Contains(b.String(), "<svg") {
		t.Errorf("an empty page: %v", err)
	}
}
