// SPDX-License-Identifier: MIT

// Package nodeinfo reads the type of a node and the CPUs of a task, from the /proc and /sys of the
// running machine or from a directory with those of another machine.
//
// It reports facts and decides nothing. A fact that cannot be known is absent, never guessed, and
// the other facts hold. Everything runs at every job launch as the user, so each file is opened
// without blocking, must be a regular file, and is read up to a limit.
//
// prometheus/procfs is used only in the tests, as an oracle. It opens any file (a FIFO hangs it),
// cuts files at 1 MiB without an error, has the cpuinfo parser of only one architecture in a build,
// loses all InfiniBand devices if one lacks fw_ver, and links regexp and net into the engine.
package nodeinfo
