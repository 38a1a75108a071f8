// SPDX-License-Identifier: MIT

//go:build cgo

package launch

// #cgo CFLAGS: -D_GNU_SOURCE
// #include <stdlib.h>
// #include "state.h"
import "C"

import (
	"runtime"
	"syscall"
	"unsafe"
)

// restoreSignals restores the caller's signals, except those that a process sends to itself.
func restoreSignals() { C.mp_restore_signals() }

// execute is execvp(3): it returns only if the command cannot be started.
func execute(argv, env []string) error {
	return syscall.Errno(C.mp_exec(cStrings(argv), cStrings(env)))
}

// cStrings makes a C list. It is never freed, because the process becomes another one.
func cStrings(list []string) **C.char {
	array := (**C.char)(C.malloc(C.size_t(len(list)+1) * C.size_t(unsafe.Sizeof((*C.char)(nil)))))
	entries := unsafe.Slice(array, len(list)+1)
	for i, text := range list {
		entries[i] = C.CString(text)
	}
	entries[len(list)] = nil
	return array
}

// write prints the text. The caller's thread ends with it: signals stay blocked there.
func write(text string) {
	runtime.LockOSThread()
	c := C.CString(text)
	C.mp_say(c, C.size_t(len(text)))
}

func environment() []string {
	var list []string
	for at := C.mp_environment(); at != nil && *at != nil; at = (**C.char)(unsafe.Add(unsafe.Pointer(at), unsafe.Sizeof(*at))) {
		list = append(list, C.GoString(*at))
	}
	return list
}
