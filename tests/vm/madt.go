// SPDX-License-Identifier: MIT

package vm

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Lengths and types of the Multiple APIC Description Table, from the ACPI specification,
// section 5.2.12, https://uefi.org/specs/ACPI/6.5/05_ACPI_Software_Programming_Model.html
const (
	madtHeader    = 44
	madtChecksum  = 9
	madtRevision  = 24 // of the OEM, 4 bytes
	madtLocalAPIC = 0  // the type of an entry of one CPU
	madtAPICID    = 3  // its place in such an entry
)

// threadsApart returns the table with the first threads of all cores before the second ones.
// Linux numbers CPUs in the order of the table. QEMU lists the threads of a core side by
// side (CPUs 0 and 1), and firmware mostly apart (CPUs 0 and 8). In QEMU the lowest bit of an
// APIC id is the thread.
func threadsApart(table []byte) ([]byte, error) {
	if len(table) < madtHeader || !bytes.HasPrefix(table, []byte("APIC")) {
		return nil, errors.New("not a table of APICs")
	}
	var cpus, others [][]byte
	for rest := table[madtHeader:]; len(rest) > 0; {
		if len(rest) < 2 || rest[1] < 2 || int(rest[1]) > len(rest) {
			return nil, fmt.Errorf("an entry of the table of APICs is too long, %d bytes before its end", len(rest))
		}
		entry := rest[:rest[1]]
		if entry[0] == madtLocalAPIC {
			cpus = append(cpus, entry)
		} else {
			others = append(others, entry)
		}
		rest = rest[rest[1]:]
	}
	slices.SortFunc(cpus, func(a, b []byte) int {
		return cmp.Or(cmp.Compare(a[madtAPICID]&1, b[madtAPICID]&1), cmp.Compare(a[madtAPICID], b[madtAPICID]))
	})
	out := slices.Concat(slices.Concat([][]byte{table[:madtHeader]}, cpus, others)...)
	// Linux takes a table of the initrd only if it is newer than the firmware's.
	revision := binary.LittleEndian.Uint32(out[madtRevision:])
	binary.LittleEndian.PutUint32(out[madtRevision:], revision+1)
	out[madtChecksum] = 0
	var sum byte
	for _, b := range out {
		sum += b
	}
	out[madtChecksum] = -sum
	return out, nil
}

// tableArchive returns a cpio archive that makes Linux take the table in place of the
// firmware's, if it comes before the initrd.
//
// https://docs.kernel.org/admin-guide/acpi/initrd_table_override.html
func tableArchive(table []byte) []byte {
	const directory, file = 0o40755, 0o100644
	var b bytes.Buffer
	add := func(name string, mode int, content []byte) {
		// cpio's "newc": 13 numbers of 8 hexadecimal digits
		fmt.Fprintf(&b, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
			b.Len(), mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0)
		b.WriteString(name + "\x00")
		pad(&b, 4)
		b.Write(content)
		pad(&b, 4)
	}
	add("kernel", directory, nil)
	add("kernel/firmware", directory, nil)
	add("kernel/firmware/acpi", directory, nil)
	add("kernel/firmware/acpi/apic.aml", file, table)
	add("TRAILER!!!", 0, nil)
	pad(&b, 512)
	return b.Bytes()
}

func pad(b *bytes.Buffer, to int) { b.Write(make([]byte, -b.Len()&(to-1))) }
