// SPDX-License-Identifier: MIT

// Command plugin is the engine, libmp_policy.so. It is built with -buildmode=c-shared.
// The shim loads it only in the evaluator, never in a host. It decodes a request, lets
// the packages evaluate the request, and encodes the reply. cshim/abi.h describes both.
package main

// #include "../cshim/abi.h"
import "C"

import (
	"fmt"
	"strings"
	"unsafe"

	"slurm-mp-policy/evaluation"
)

func main() {}

// prepared is kept from the shim's first call to its second one. A process evaluates once.
var prepared *evaluation.Evaluation

// guard turns a panic into a line for the shim's log. The evaluator may end, but the log
// needs the reason.
func guard(result *C.long, text *C.char, size C.size_t) {
	if p := recover(); p != nil {
		writeText(text, size, fmt.Sprint("the engine panicked: ", p))
		*result = -1
	}
}

// writeText writes lines for the log into the shim's buffer and cuts them to its size.
func writeText(text *C.char, size C.size_t, line string) {
	buffer := unsafe.Slice((*byte)(unsafe.Pointer(text)), int(size))
	if len(buffer) == 0 {
		return
	}
	n := copy(buffer[:len(buffer)-1], line)
	buffer[n] = 0
}

//export mp_policy_prepare
func mp_policy_prepare(request *C.char, size C.size_t, text *C.char, textSize C.size_t) (result C.long) {
	defer guard(&result, text, textSize)
	decoded, err := decode(unsafe.Slice((*byte)(unsafe.Pointer(request)), int(size)))
	if err != nil {
		writeText(text, textSize, err.Error())
		return -1
	}
	prepared = evaluation.Prepare(decoded)
	return 0
}

//export mp_policy_decide
func mp_policy_decide(tasks *C.struct_mp_task, count C.uint32_t, masks *C.char, maskSize C.uint32_t,
	reply *C.char, replySize C.size_t, text *C.char, textSize C.size_t,
) (result C.long) {
	defer guard(&result, text, textSize)
	list := decodeTasks(unsafe.Slice(tasks, int(count)),
		unsafe.Slice((*byte)(unsafe.Pointer(masks)), int(count)*int(maskSize)), int(maskSize))
	results := prepared.Decide(list)
	encoded := encode(results, len(list))
	if len(encoded) > int(replySize) {
		writeText(text, textSize, fmt.Sprintf("the reply has %d bytes, the board %d", len(encoded), replySize))
		return -1
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(reply)), int(replySize)), encoded)
	// both lines have room, because the shim's buffer is larger than MP_LOG_MAX
	line := prepared.LogLine(results, C.MP_LOG_MAX-1)
	warnings := strings.Join(prepared.Warnings, "; ")
	warnings = warnings[:min(len(warnings), max(0, int(textSize)-len(line)-2))]
	writeText(text, textSize, warnings+"\n"+line)
	return C.long(len(encoded))
}
