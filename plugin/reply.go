// SPDX-License-Identifier: MIT

package main

// #include "../cshim/abi.h"
import "C"

import (
	"encoding/binary"
	"slices"
	"strings"

	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/policy"
)

// encode writes the reply of abi.h. It has a record for each group of tasks, and one more
// if a group's first task has lines to print.
func encode(results []evaluation.Result, tasks int) []byte {
	of := make([]uint32, tasks)
	var ends []uint32
	var records []byte
	add := func(record []byte) uint32 {
		records = append(records, record...)
		ends = append(ends, uint32(len(records)))
		return uint32(len(ends) - 1)
	}
	for _, r := range results {
		record := encodeChanges(r.Changes)
		rest := r.Tasks
		if len(r.Messages) > 0 {
			of[rest[0]] = add(append(encodeMessages(r.Messages), record...))
			rest = rest[1:]
		}
		if len(rest) > 0 {
			at := add(record)
			for _, i := range rest {
				of[i] = at
			}
		}
	}
	reply := binary.NativeEndian.AppendUint32(nil, C.MP_REPLY_MAGIC)
	for _, n := range slices.Concat([]uint32{uint32(tasks), uint32(len(ends))}, of, ends) {
		reply = binary.NativeEndian.AppendUint32(reply, n)
	}
	return append(reply, records...)
}

func encodeMessages(lines []string) []byte {
	return operation(nil, C.MP_OP_SAY, "", strings.Join(lines, "\n")+"\n")
}

// encodeChanges returns no operations if a name or a value has a NUL. The text would end
// early, and the rest would be read as further operations.
func encodeChanges(changes []policy.Change) []byte {
	var record []byte
	for _, c := range changes {
		if strings.IndexByte(c.Name+c.Value, 0) >= 0 {
			return nil
		}
		op := byte(C.MP_OP_SET)
		switch {
		case c.Unset:
			op = C.MP_OP_UNSET
		case c.Back && c.Replace:
			op = C.MP_OP_BACK_REPLACE
		case c.Back:
			op = C.MP_OP_BACK
		case c.Replace:
			op = C.MP_OP_REPLACE
		}
		record = operation(record, op, c.Name, c.Value)
	}
	return record
}

func operation(to []byte, op byte, name, value string) []byte {
	to = append(to, op)
	to = append(append(to, name...), 0)
	return append(append(to, value...), 0)
}
