// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"slurm-mp-policy/nodeinfo/nodetest"
)

// TestX86Types has the models that the machines in testdata do not have.
func TestX86Types(t *testing.T) {
	for _, tt := range []struct {
		vendor                  string
		family, model, stepping int
		want                    string
	}{
		{"GenuineIntel", 6, 0x2d, 7, "sandybridge"},
		{"GenuineIntel", 6, 0x3e, 4, "ivybridge"},
		{"GenuineIntel", 6, 0x3f, 2, "haswell"},
		{"GenuineIntel", 6, 0x4f, 1, "broadwell"},
		{"GenuineIntel", 6, 0x55, 4, "skylake skylake_avx512"},
		{"GenuineIntel", 6, 0x55, 5, "cascadelake"},
		{"GenuineIntel", 6, 0x55, 7, "cascadelake"},
		{"GenuineIntel", 6, 0x55, 8, "cooperlake"},
		{"GenuineIntel", 6, 0x55, 11, "cooperlake"},
		{"GenuineIntel", 6, 0x55, -1, ""}, // three generations, but the stepping is missing
		{"GenuineIntel", 6, 0x57, 1, "knl"},
		{"GenuineIntel", 6, 0x85, 0, "knm"},
		{"GenuineIntel", 6, 0x6a, 6, "icelake"},
		{"GenuineIntel", 6, 0x8f, 6, "sapphirerapids"},
		{"GenuineIntel", 6, 0xcf, 2, "emeraldrapids"},
		{"GenuineIntel", 6, 0xad, 1, "graniterapids"},
		{"GenuineIntel", 6, 0xaf, 1, "sierraforest"},
		{"GenuineIntel", 15, 0x57, 1, ""}, // the model of KNL in another family
		{"GenuineIntel", 6, 0xfff, 0, ""},
		{"AuthenticAMD", 0x10, 9, 1, "k10"},
		{"AuthenticAMD", 0x15, 2, 0, "piledriver"},
		{"AuthenticAMD", 0x17, 0x01, 2, "zen"},
		{"AuthenticAMD", 0x17, 0x31, 0, "zen2"},
		{"AuthenticAMD", 0x17, 0x57, 0, "zen"}, // the same model number as KNL, but of AMD
		{"AuthenticAMD", 0x19, 0x01, 1, "zen3"},
		{"AuthenticAMD", 0x19, 0x30, 0, "zen3"}, // Trento, in Frontier
		{"AuthenticAMD", 0x19, 0x11, 1, "zen4"},
		{"AuthenticAMD", 0x19, 0xa0, 1, "zen4"}, // Bergamo
		{"AuthenticAMD", 0x19, 0x90, 1, "zen4"},
		{"AuthenticAMD", 0x1a, 0x02, 1, "zen5"},
		{"AuthenticAMD", 0x1a, 0x11, 0, "zen5"},
		{"AuthenticAMD", 0x1a, 0x50, 0, "zen6"},
		{"AuthenticAMD", 0x1a, 0x30, 0, ""}, // not assigned to a generation yet
		{"AuthenticAMD", 0x19, 0xff, 0, ""},
		{"AuthenticAMD", 0x17, -1, 0, ""},
		{"HygonGenuine", 0x18, 1, 1, "dhyana"},
		{"Nobody", 6, 0x57, 1, ""},
	} {
		c := newCPUInfo()
		c.vendor, c.family, c.model, c.stepping = tt.vendor, tt.family, tt.model, tt.stepping
		r := reading{FS: New(nodetest.Directory(t))}
		if _, _, types := r.processor(c); strings.Join(types, " ") != tt.want {
			t.Errorf("%s family %d model %#x stepping %d: %v, want %s", tt.vendor, tt.family, tt.model, tt.stepping, types, tt.want)
		}
	}
}

func TestPowerTypes(t *testing.T) {
	for in, want := range map[string]string{
		"POWER7 (architected), altivec supported": "power7",
		"POWER8NVL (raw), altivec supported":      "power8",
		"POWER9":                                  "power9",
		"POWER10, altivec supported":              "power10",
		"POWER":                                   "",
		"POWER999":                                "",
	} {
		if got := strings.Join(powerTypes(in), " "); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestArch has forms of cpuinfo that the machines in testdata do not have.
func TestArch(t *testing.T) {
	r := reading{FS: New(nodetest.Directory(t))}
	for text, want := range map[string]string{
		"cpu family: 6\nfdiv_bug: no\nflags: fpu lm\n\n":       "i686", // a 32-bit kernel
		"cpu family: 6\nflags: fpu pae\n\n":                    "",
		"cpu family: 6\nflags: fpu lm\n\n":                     "x86_64",
		"CPU implementer: 0x41\nCPU architecture: AArch64\n\n": "aarch64",
		"CPU implementer: 0x41\nCPU architecture: 7\n\n":       "",
		"isa: rv32imac\n\n":                                    "riscv32",
		"cpu: POWER8E (raw), altivec supported\n\n":            "",
		"cpu: POWER7 (architected), altivec supported\n\n":     "ppc64",
		"cpu: TI UltraSparc II  (BlackBird)\ntype: sun4u\n\n":  "",
	} {
		c, _ := parseCPUInfo([]byte(text))
		if got := r.arch(c, "5.14.0"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestReleaseArch has the ends of kernels' releases. They count if cpuinfo does not name
// the architecture.
func TestReleaseArch(t *testing.T) {
	r := reading{FS: New(nodetest.Directory(t))}
	for release, want := range map[string]string{
		"4.18.0-477.el8.ppc64le":      "ppc64le",
		"3.10.0-327.el7.ppc64":        "ppc64",
		"6.1.0-13-powerpc64le":        "ppc64le",
		"6.1.0-1-powerpc64":           "ppc64",
		"6.1.0-13-amd64":              "x86_64",
		"6.1.0-13-cloud-arm64":        "aarch64",
		"6.1.0-13-s390x":              "s390x",
		"6.12.9-riscv64":              "riscv64",
		"6.12.9-1.fc43.loongarch64":   "loongarch64",
		"5.14.0-427.el9.aarch64+64k":  "aarch64",
		"5.14.0-427.el9.x86_64+debug": "x86_64",
		"6.8.0-31-generic":            "",
		"6.1.0+":                      "",
		"ppc64le":                     "ppc64le",
		"":                            "",
	} {
		if got := r.arch(newCPUInfo(), release); got != want {
			t.Errorf("%q: %q, want %q", release, got, want)
		}
	}
}

// TestCPUInfoFirstEntry checks that only the bytes for the first entry are read.
func TestCPUInfoFirstEntry(t *testing.T) {
	entry := "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 87\nstepping\t: 1\nflags\t\t: lm " + strings.Repeat("x", 1500) + "\n\n"
	for _, tt := range []struct {
		name, text string
		most       int
	}{
		{"entries of 1.5 KiB", strings.Repeat(entry, 1000), cpuinfoChunk},
		{"an entry of 5 KiB", strings.Replace(entry, "flags", "vmx flags\t: "+strings.Repeat("y", 3500)+"\nflags", 1) + strings.Repeat(entry, 1000), 3 * cpuinfoChunk},
	} {
		root := nodetest.Directory(t)
		writeFile(t, root, "proc/cpuinfo", tt.text)
		fs := New(root)
		fs.use = new(usage)
		c, err := fs.cpuinfo()
		if err != nil || c.model != 87 || !c.long || fs.use.bytes > tt.most {
			t.Errorf("%s: model %d, 64 bit %v, %d bytes read, %v; want 87 and at most %d", tt.name, c.model, c.long, fs.use.bytes, err, tt.most)
		}
	}
}

// TestCPUInfoS390 checks that reading stops at the first machine type, before the lines
// of all other CPUs.
func TestCPUInfoS390(t *testing.T) {
	root := nodetest.Directory(t)
	var b strings.Builder
	b.WriteString("vendor_id       : IBM/S390\n# processors    : 256\n")
	for i := range 256 {
		fmt.Fprintf(&b, "processor %d: version = 00,  identification = 0D0E67,  machine = 3931\n", i)
	}
	writeFile(t, root, "proc/cpuinfo", b.String())
	fs := New(root)
	fs.use = new(usage)
	if c, err := fs.cpuinfo(); err != nil || c.machine != "3931" || fs.use.bytes > cpuinfoChunk {
		t.Errorf("machine %q, %d bytes read, %v", c.machine, fs.use.bytes, err)
	}
}

// TestCPUInfoFirstLine has two lines with the same name.
func TestCPUInfoFirstLine(t *testing.T) {
	c, whole := parseCPUInfo([]byte("vendor_id: A\nvendor_id: B\nmodel: 1\nmodel: 2\nCPU part: 0xfff\nCPU part: 0x1\n\n"))
	if !whole || c.vendor != "A" || c.model != 1 || c.part != 0xfff {
		t.Errorf("%+v", c)
	}
}

func writeFile(t testing.TB, root, name, data string) {
	t.Helper()
	full := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

func FuzzCPUInfo(f *testing.F) {
	for _, file := range machines(f) {
		text, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range text.Files {
			if file.Name == "proc/cpuinfo" {
				f.Add(file.Data)
			}
		}
	}
	f.Add([]byte("vendor_id: IBM/S390\nprocessor 0: machine = "))
	f.Add([]byte("cpu family\t: 99999999999999999999\n\n"))
	f.Add([]byte("\n\n:\n: :\n"))
	f.Add([]byte("vendor_id: GenuineIntel\ncpu family: 6\nmodel name: x\x1b[2J\xff\n\n"))
	f.Add([]byte("isa: rv64\nuarch: a\x1b,b\x1bc\n\n"))
	f.Add([]byte("CPU part: 0xd4f\nCPU part: 0x1\nCPU implementer: 0x41\n\n"))
	const root = "testdata/no-such-machine" // a killed fuzzing process would leave a directory
	f.Fuzz(func(t *testing.T, b []byte) {
		c, whole := parseCPUInfo(b)
		if whole && !c.known() {
			t.Error("whole, and no processor")
		}
		if whole { // more of the file must not change the result
			if more, _ := parseCPUInfo(slices.Concat(b, []byte("\nvendor_id: x\ncpu: POWER9\n\n"))); more != c {
				t.Errorf("%+v became %+v", c, more)
			}
		}
		r := reading{FS: New(root)}
		vendor, model, types := r.processor(c)
		for _, s := range append(types, vendor, model) {
			if bytes.ContainsAny([]byte(s), "\x00\x1b\n") || !validText(s) {
				t.Errorf("%q is not fit to be shown", s)
			}
		}
		_ = r.arch(c, "")
	})
}

func validText(s string) bool { return strings.ToValidUTF8(s, "") == s }
