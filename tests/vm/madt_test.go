// SPDX-License-Identifier: MIT

package vm

import (
	"bytes"
	"testing"
)

// table is one of four CPUs, whose threads are neighbours, and an entry of another type.
func table() []byte {
	t := make([]byte, madtHeader)
	copy(t, "APIC")
	t[madtRevision] = 255
	for id := range byte(4) {
		t = append(t, madtLocalAPIC, 8, id, id, 1, 0, 0, 0)
	}
	return append(t, 1, 4, 0, 0)
}

func TestThreadsApart(t *testing.T) {
	got, err := threadsApart(table())
	if err != nil || len(got) != len(table()) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	var ids []byte
	for at := madtHeader; at < len(got)-4; at += 8 {
		ids = append(ids, got[at+madtAPICID])
	}
	if !bytes.Equal(ids, []byte{0, 2, 1, 3}) {
		t.Errorf("the order of the CPUs is %v", ids)
	}
	var sum byte
	for _, b := range got {
		sum += b
	}
	if sum != 0 || got[madtRevision] != 0 || got[madtRevision+1] != 1 {
		t.Errorf("checksum %d, revision %v", sum, got[madtRevision:madtRevision+4])
	}
	for _, wrong := range [][]byte{nil, []byte("FACP"), append(table(), 0, 9), append(table(), 0, 0), append(table(), 0)} {
		if _, err := threadsApart(wrong); err == nil {
			t.Errorf("%q must be an error", wrong)
		}
	}
}

func TestTableArchive(t *testing.T) {
	got := tableArchive(table())
	if len(got)%512 != 0 || !bytes.HasPrefix(got, []byte("070701")) {
		t.Errorf("%d bytes, %.6q", len(got), got)
	}
	if !bytes.Contains(got, table()) {
		t.Error("the table is not in it")
	}
}
