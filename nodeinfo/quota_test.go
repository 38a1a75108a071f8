// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"slurm-mp-policy/nodeinfo/nodetest"
)

// TestQuota runs the cases in testdata/quota. The last line of a case's comment has the
// expected result: a number of CPUs or "no limit", then "; " and a part of each error.
func TestQuota(t *testing.T) {
	files, err := filepath.Glob("testdata/quota/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(name(file), func(t *testing.T) {
			text, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			comment := strings.Split(strings.TrimSpace(string(text.Comment)), "\n")
			want, ok := strings.CutPrefix(comment[len(comment)-1], "want: ")
			if !ok {
				t.Fatalf("the comment does not end in what is wanted")
			}
			words := strings.Split(want, "; ")
			root := nodetest.Machine(t, text)
			pid := "self"
			if _, err := os.Stat(filepath.Join(root, "proc/4711")); err == nil {
				pid = "4711"
			}
			cpus, limited, err := New(root).Quota(pid)
			checkQuota(t, cpus, limited, err, words)
		})
	}
}

func checkQuota(t *testing.T, cpus float64, limited bool, err error, want []string) {
	t.Helper()
	got := "no limit"
	if limited {
		got = trimFloat(cpus)
	}
	if got != want[0] || !limited && cpus != 0 {
		t.Errorf("got %s (%v), want %s; error %v", got, cpus, want[0], err)
	}
	if len(want) == 1 && err != nil {
		t.Errorf("error %v, want none", err)
	}
	for _, part := range want[1:] {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v, want %q in it", err, part)
		}
	}
}

// TestQuotaDeep has more nested cgroups than a real machine. The smallest limit counts
// wherever it is, and no limit is read twice.
func TestQuotaDeep(t *testing.T) {
	const depth = 300
	for _, at := range []int{1, depth / 2, depth} {
		root := nodetest.Directory(t)
		cgroup := strings.Repeat("/a", depth)
		writeFile(t, root, "proc/self/cgroup", "0::"+cgroup+"\n")
		writeFile(t, root, "sys/fs/cgroup"+cgroup[:len("/a")*at]+"/cpu.max", "300000 100000")
		if err := os.MkdirAll(filepath.Join(root, "sys/fs/cgroup"+cgroup), 0o755); err != nil {
			t.Fatal(err)
		}
		fs := New(root)
		fs.use = new(usage)
		cpus, limited, err := fs.Quota("self")
		if !limited || cpus != 3 || err != nil {
			t.Errorf("limit at %d of %d: %v %v %v", at, depth, cpus, limited, err)
		}
		if fs.use.opens > 2*depth+10 || fs.use.lookups > 50 {
			t.Errorf("%d opens, %d lookups", fs.use.opens, fs.use.lookups)
		}
	}
}

// TestQuotaErrors checks the bound on the errors of a path in which no limit can be read.
func TestQuotaErrors(t *testing.T) {
	root := nodetest.Directory(t)
	writeFile(t, root, "proc/self/cgroup", "0::"+strings.Repeat("/a", 200)+"\n")
	for i := range 200 {
		writeFile(t, root, "sys/fs/cgroup"+strings.Repeat("/a", i+1)+"/cpu.max", "x")
	}
	_, _, err := New(root).Quota("self")
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != maxUnread+1 || !strings.Contains(lines[maxUnread], "cannot be read") {
		t.Errorf("%d lines, the last %s", len(lines), lines[len(lines)-1])
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "quota: ") {
			t.Errorf("%s: does not say what is not known", line)
		}
	}
	writeFile(t, root, "proc/self/cgroup", "0::"+strings.Repeat("/a", 5000)+"\n")
	if _, _, err := New(root).Quota("self"); err == nil || !strings.Contains(err.Error(), "10000 bytes") {
		t.Errorf("a path longer than any: %v", err)
	}
}

// TestLongMount has mounts with lines that are longer than one read, before and after the
// mount of the cgroups.
func TestLongMount(t *testing.T) {
	long := "40 23 0:30 / /var/lib rw - overlay overlay rw,lowerdir=" + strings.Repeat("/layer:", 20000) + "\n"
	root := nodetest.Directory(t)
	writeFile(t, root, "proc/self/cgroup", "0::/a\n")
	writeFile(t, root, "proc/self/mountinfo", long+"30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"+long)
	writeFile(t, root, "sys/fs/cgroup/a/cpu.max", "300000 100000")
	if cpus, limited, err := New(root).Quota("self"); !limited || cpus != 3 || err != nil {
		t.Errorf("%v %v %v, want 3", cpus, limited, err)
	}
}

func TestQuotaOfWhat(t *testing.T) {
	for _, pid := range []string{"", "../1", "1/../../x", "-1", "self/..", "99999999999"} {
		if _, _, err := New(nodetest.Directory(t)).Quota(pid); err == nil || !strings.Contains(err.Error(), "no process") {
			t.Errorf("pid %q: %v", pid, err)
		}
	}
	if _, _, err := New(nodetest.Directory(t)).Quota("12"); err == nil || !strings.Contains(err.Error(), "proc/12/cgroup") {
		t.Errorf("no such process: %v", err)
	}
}

// TestReader shows whose mounts count for a process that may be in a container.
func TestReader(t *testing.T) {
	if got := New("/").reader("1"); got != "self" {
		t.Errorf("running: %s", got)
	}
	if got := New("/recorded").reader("1"); got != "1" {
		t.Errorf("recorded: %s", got)
	}
}

func TestParseCPUMax(t *testing.T) {
	for in, want := range map[string]string{
		"max 100000":             "no limit",
		"max":                    "no limit",
		"250000 100000":          "2.5",
		"500000":                 "5",
		"1000 1000000":           "0.001",
		"18446744073709551615 1": "18446744073709552000", // rounded to a float64
		"":                       "no limit; quota and a period",
		"250000 0":               "no limit; two positive",
		"0 100000":               "no limit; two positive",
		"-1 100000":              "no limit; two positive",
		"250000 100000 1":        "no limit; quota and a period",
		"asdf 100000":            "no limit; asdf",
		"500000 njn":             "no limit; njn",
		"18446744073709551616 1": "no limit; two positive",
		"1e9 1":                  "no limit; two positive",
	} {
		cpus, limited, err := parseCPUMax(in)
		t.Run(in, func(t *testing.T) { checkQuota(t, cpus, limited, err, strings.Split(want, "; ")) })
	}
}

// TestRecordedCgroups reads the files of cgroups that automaxprocs has for its tests.
// Their names describe their contents.
func TestRecordedCgroups(t *testing.T) {
	dir := filepath.Join(nodetest.Recorded(t), "automaxprocs-cgroups")
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, tt := range []struct{ cgroup, mountinfo, files, want string }{
		// The mount shows /docker, which is the cgroup of the process.
		{"proc/cgroups/cgroup", "proc/cgroups/mountinfo", "cgroups/cpu", "6"},
		{"proc/cgroups/cgroup", "proc/cgroups/mountinfo", "cgroups/undefined", "no limit"},
		{"proc/cgroups/cgroup", "proc/cgroups/mountinfo", "cgroups/undefined-period", "no limit; cpu.cfs_period_us"},
		{"proc/cgroups/cgroup", "proc/cgroups/mountinfo", "cgroups/zero-period", "no limit; cpu.cfs_quota_us"},
		{"proc/cgroups/cgroup", "proc/cgroups/mountinfo", "cgroups/invalid", "no limit; cpu.cfs_"},
		{"proc/cgroups/cgroup", "proc/cgroups/mountinfo", "cgroups/empty", "no limit; cpu.cfs_"},
		{"proc/untranslatable/cgroup", "proc/untranslatable/mountinfo", "cgroups/cpu", "6; /sys/fs/cgroup/cpu/docker"},
		{"proc/invalid-cgroup/cgroup", "proc/cgroups/mountinfo", "cgroups/cpu", "no limit; no mount shows cgroup \"/cpu\""},
		{"proc/cgroups/cgroup", "proc/invalid-mountinfo/mountinfo", "cgroups/cpu", "no limit; no mount shows"},
	} {
		t.Run(tt.cgroup+" "+tt.files, func(t *testing.T) {
			root := nodetest.Directory(t)
			writeFile(t, root, "proc/self/cgroup", read(tt.cgroup))
			writeFile(t, root, "proc/self/mountinfo", read(tt.mountinfo))
			files, err := filepath.Glob(filepath.Join(dir, tt.files, "*"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				for _, mnt := range []string{"cpu", "cpu,cpuacct"} {
					writeFile(t, root, "sys/fs/cgroup/"+mnt+"/"+filepath.Base(file), read(tt.files+"/"+filepath.Base(file)))
				}
			}
			cpus, limited, err := New(root).Quota("self")
			checkQuota(t, cpus, limited, err, strings.Split(tt.want, "; "))
		})
	}
	for name, want := range map[string]string{
		"set": "2.5", "unset": "no limit", "only-max": "5", "zero-period": "no limit; positive", "empty": "no limit; period",
		"invalid-max": "no limit; asdf", "invalid-period": "no limit; njn", "too-few-fields": "no limit; period", "too-many-fields": "no limit; period",
	} {
		t.Run("v2 "+name, func(t *testing.T) {
			root := nodetest.Directory(t)
			writeFile(t, root, "proc/self/cgroup", read("proc/v2/cgroup-subdir"))
			writeFile(t, root, "proc/self/mountinfo", read("proc/v2/mountinfo-v2"))
			writeFile(t, root, "sys/fs/cgroup/Example/cpu.max", read("cgroups/v2/"+name))
			cpus, limited, err := New(root).Quota("self")
			checkQuota(t, cpus, limited, err, strings.Split(want, "; "))
		})
	}
	for file, want := range map[string]string{
		"proc/v2/cgroup-invalid": "is not ID:", "proc/v2/cgroup-root": "/", "proc/v2/cgroup-subdir": "/Example", "proc/v2/cgroup-no-match": "",
	} {
		m, _, err := parseCgroup(read(file))
		if err == nil && m.path != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v; want %q", file, m.path, err, want)
		}
	}
}

// TestQuotasOfTheTask separates the task's own cgroup from the cgroups above it.
func TestQuotasOfTheTask(t *testing.T) {
	for _, tt := range []struct {
		cgroup string
		limits map[string]string // the cpu.max of each cgroup
		want   Quotas
	}{
		{"/system.slice/slurmstepd.scope/job_1/step_0/user/task_0", map[string]string{
			"/system.slice": "800000", "/system.slice/slurmstepd.scope/job_1/step_0": "400000",
			"/system.slice/slurmstepd.scope/job_1/step_0/user/task_0": "300000",
		}, Quotas{Task: 3, Shared: 4}},
		{"/job_1/step_0/user/task_0/mine", map[string]string{"/job_1/step_0/user/task_0/mine": "100000", "/job_1/step_0/user/task_0": "200000"}, Quotas{Task: 1}},
		{"/job_1/step_0/user", map[string]string{"/job_1": "250000", "/job_1/step_0/user": "700000"}, Quotas{Shared: 2.5}},
		{"/task", map[string]string{"/task": "100000"}, Quotas{Shared: 1}},
	} {
		root := nodetest.Directory(t)
		writeFile(t, root, "proc/self/cgroup", "0::"+tt.cgroup+"\n")
		writeFile(t, root, "proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
		if err := os.MkdirAll(filepath.Join(root, "sys/fs/cgroup", tt.cgroup), 0o755); err != nil {
			t.Fatal(err)
		}
		for at, quota := range tt.limits {
			writeFile(t, root, "sys/fs/cgroup"+at+"/cpu.max", quota+" 100000\n")
		}
		got, err := New(root).Quotas("self")
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.cgroup, got, err, tt.want)
		}
	}
}

// TestQuotasIn reads the cgroup from a text. The process itself is not in this cgroup.
func TestQuotasIn(t *testing.T) {
	root := nodetest.Directory(t)
	writeFile(t, root, "proc/self/cgroup", "0::/system\n")
	writeFile(t, root, "proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
	writeFile(t, root, "sys/fs/cgroup/system/cpu.max", "900000 100000\n")
	writeFile(t, root, "sys/fs/cgroup/job_1/cpu.max", "250000 100000\n")
	if err := os.MkdirAll(filepath.Join(root, "sys/fs/cgroup/job_1/step_0"), 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := New(root).QuotasIn("0::/job_1/step_0\n")
	if want := (Quotas{Shared: 2.5}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if _, err := New(root).QuotasIn("nothing"); err == nil || !strings.Contains(err.Error(), "quota: ") {
		t.Errorf("error %v, want one that begins with quota", err)
	}
}

func trimFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func FuzzCgroup(f *testing.F) {
	for _, seed := range []string{
		"0::/\n", "0::/user.slice/session-2.scope\n", "9:cpu,cpuacct:/docker\n0::/x\n", "2:cpuacct:/\n1:cpu:/a:b\n",
		"1:name=systemd:/\n", "", "x", "0::\n", "0::relative\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, found, err := parseCgroup(s)
		if found && !strings.HasPrefix(m.path, "/") {
			t.Errorf("%+v, %v", m, err)
		}
		// A malformed line changes only the error.
		if m2, found2, err2 := parseCgroup("none\n" + s); m2 != m || found2 != found || err2 == nil {
			t.Errorf("%+v, %v, %v; without a line before it %+v, %v", m2, found2, err2, m, found)
		}
		if found && !strings.Contains(s, ":"+m.path) {
			t.Errorf("%q is not from %q", m.path, s)
		}
		_, _, _ = parseCPUMax(s)
	})
}

func FuzzMountinfo(f *testing.F) {
	for _, seed := range []string{
		"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n",
		"34 33 0:29 / /sys/fs/cgroup rw shared:10 - cgroup2 cgroup rw,nsdelegate\n",
		"7 5 0:6 /docker /sys/fs/cgroup/cpu,cpuacct rw shared:7 - cgroup cgroup rw,cpu,cpuacct\n",
		"7 5 0:6 /.. /a\\040b\\134 rw - cgroup2 c rw\nx - cgroup2 y z\n", " - cgroup2  ", "\\", "1 2 3 4 5 - cgroup c cpu",
	} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Add([]byte("short\n"+strings.Repeat("x", 201)+"\n"), uint8(40))
	f.Add([]byte(strings.Repeat("x", 200)+"\n"+strings.Repeat("y", 200)), uint8(40))
	f.Fuzz(func(t *testing.T, b []byte, chunk uint8) {
		// The lines are the same, in pieces or at once.
		const most = 200
		rest := b
		var lines []string
		err := scanLines(func(p []byte) (int, error) {
			n := copy(p[:min(len(p), int(chunk)%50+1)], rest)
			rest = rest[n:]
			return n, nil
		}, 1<<20, most, func(line string) bool {
			lines = append(lines, line)
			return true
		})
		want := strings.Split(string(b), "\n")
		if want[len(want)-1] == "" {
			want = want[:len(want)-1]
		}
		want = slices.DeleteFunc(want, func(line string) bool { return len(line) > most })
		if err != nil || !slices.Equal(lines, want) {
			t.Errorf("%q, %v; want %q", lines, err, want)
		}
		for _, line := range want {
			for _, v1 := range []bool{false, true} {
				m, ok := parseMount(line, v1)
				if !ok {
					continue
				}
				if !strings.HasPrefix(m.root, "/") || !strings.HasPrefix(m.point, "/") {
					t.Errorf("%+v", m)
				}
				for _, cgroup := range []string{"/docker/a/b", "/../x", "/../../x"} {
					rel, ok := m.below(cgroup)
					if ok && (strings.HasPrefix(rel, "/") || strings.HasSuffix(rel, "/") || strings.Contains("/"+rel+"/", "/../")) {
						t.Errorf("%+v: %q", m, rel)
					}
				}
			}
		}
	})
}
