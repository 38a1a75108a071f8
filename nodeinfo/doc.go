// SPDX-License-Identifier: MIT

// Package nodeinfo reads what a node is and what a task was given, from the
// /proc and /sys of the running machine or from a directory with those of another.
//
// It reports facts and decides nothing. A fact that cannot be known is absent,
// never guessed; it hides no other fact. Everything runs at every job launch as
// the user, so each file is opened without blocking, must be a regular file and
// is read up to a limit.
//
// prometheus/procfs is not used in here, only as an oracle in the tests: it
// opens what it is given (a FIFO hangs it), cuts files at 1 MiB without an
// error, has one architecture's cpuinfo parser per build, loses all InfiniBand
// devices when one lacks fw_ver, and links regexp and net into the engine.
package nodeinfo
