// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// cpuinfoChunk is the size of one read(2) of /proc/cpuinfo. The kernel
	// makes entries until it has that much, and on x86 before 5.18 each one
	// may interrupt its CPU to ask for the clock rate. An entry of x86 is 1 to
	// 2.5 KiB, so this makes one or two of them.
	cpuinfoChunk = 2048
	// maxCPUInfo bounds the search for the first entry. The longest known
	// header is that of s390, with a line for each CPU.
	maxCPUInfo = 8192
)

// cpuinfo is the part of the first entry of /proc/cpuinfo that identifies the kind of
// processor this is. A value that is missing is empty or -1.
type cpuinfo struct {
	vendor   string // x86, s390: vendor_id
	name     string // x86, RISC-V, LoongArch: model name
	family   int    // x86: cpu family
	model    int    // x86
	stepping int    // x86
	long     bool   // x86: has 64-bit mode
	bits32   bool   // x86: the kernel is 32-bit

	implementer int // ARM, as in MIDR_EL1
	part        int // ARM
	armv        int // ARM: CPU architecture

	power   string // POWER: cpu
	machine string // s390: the machine type of the first processor

	isa    string // RISC-V
	uarch  string // RISC-V
	riscv  int    // RISC-V: mvendorid
	march  string // RISC-V: marchid
	loong  string // LoongArch: CPU Family
	others string // any other CPU: the value of "cpu" or "type"
}

var errNoProcessor = errors.New("no processor of a known form in the first 8 KiB")

// known reports whether the entry identifies the processor.
func (c cpuinfo) known() bool {
	return c.vendor != "" || c.implementer >= 0 || c.power != "" || c.isa != "" || c.loong != "" || c.others != ""
}

// cpuinfo reads the first entry of /proc/cpuinfo. It reads only the part of the rest that
// the same read returns.
//
// prometheus/procfs reads the whole file, up to 1 MiB, and its parser is the parser of
// the architecture for which it was built.
//
// https://docs.kernel.org/filesystems/proc.html#kernel-data
func (fs FS) cpuinfo() (cpuinfo, error) {
	const name = "proc/cpuinfo"
	fd, err := fs.open(name, unix.S_IFREG)
	if err != nil {
		return newCPUInfo(), err
	}
	defer func() { _ = unix.Close(fd) }()
	var buf [maxCPUInfo]byte
	for n, end := 0, false; ; {
		for chunk := n + cpuinfoChunk; n < chunk && !end; {
			got, err := fs.readFD(fd, buf[n:min(chunk, len(buf))])
			if err != nil {
				return newCPUInfo(), fs.failed("read", name, err)
			}
			n += got
			end = got == 0 || n == len(buf)
		}
		c, whole := parseCPUInfo(buf[:n])
		if whole || end {
			fs.trace.file(name, buf[:n])
			if !c.known() {
				return c, fs.failed("read", name, errNoProcessor)
			}
			return c, nil
		}
	}
}

func newCPUInfo() cpuinfo {
	return cpuinfo{family: -1, model: -1, stepping: -1, implementer: -1, part: -1, armv: -1, riscv: -1}
}

// parseCPUInfo parses the start of a /proc/cpuinfo. whole is true if the rest has no further
// facts: the entry has ended, and it named its processor. 32-bit ARM and LoongArch name the
// processor in a later paragraph, and s390 has a header instead of an entry.
func parseCPUInfo(b []byte) (c cpuinfo, whole bool) {
	c = newCPUInfo()
	for {
		line, rest, ended := bytes.Cut(b, []byte("\n"))
		if !ended {
			return c, false // cut in the middle of a line, or the end of the file
		}
		b = rest
		if len(bytes.TrimSpace(line)) == 0 {
			if c.known() {
				return c, true
			}
			continue
		}
		key, value, _ := strings.Cut(string(line), ":")
		if c.set(strings.TrimSpace(key), trim(value)) {
			return c, true
		}
	}
}

// set takes one line, and reports whether it was the last of interest. The first
// line of a name counts.
func (c *cpuinfo) set(key, value string) (last bool) {
	switch key {
	case "vendor_id", "vendor":
		keep(&c.vendor, value)
	case "model name", "Model Name":
		keep(&c.name, value)
	case "cpu family":
		number(&c.family, value, 10)
	case "model":
		number(&c.model, value, 10)
	case "stepping":
		number(&c.stepping, value, 10)
	case "flags":
		c.long = strings.Contains(" "+value+" ", " lm ")
	case "fdiv_bug", "coma_bug":
		c.bits32 = true
	case "CPU implementer":
		number(&c.implementer, value, 16)
	case "CPU part":
		number(&c.part, value, 16)
	case "CPU architecture":
		if value == "AArch64" { // arm64 before 3.19
			value = "8"
		}
		number(&c.armv, value, 10)
	case "cpu":
		if strings.HasPrefix(value, "POWER") {
			keep(&c.power, value)
			return false
		}
		keep(&c.others, value)
	case "isa":
		keep(&c.isa, value)
	case "uarch":
		keep(&c.uarch, value)
	case "mvendorid":
		number(&c.riscv, value, 16)
	case "marchid":
		keep(&c.march, value)
	case "CPU Family":
		keep(&c.loong, value)
	default:
		// s390: "processor 0: version = 00,  identification = ..,  machine = 3931"
		if _, machine, ok := strings.Cut(value, "machine = "); ok && strings.HasPrefix(key, "processor ") {
			keep(&c.machine, machine)
			return c.vendor != ""
		}
	}
	return false
}

func keep(to *string, value string) {
	if *to == "" {
		*to = value
	}
}

// number keeps a decimal number, or a hexadecimal number with 0x before it.
func number(to *int, value string, base int) {
	if base == 16 {
		value = strings.TrimPrefix(value, "0x")
	}
	if n, err := strconv.ParseUint(value, base, 31); err == nil && *to < 0 {
		*to = int(n)
	}
}
