// SPDX-License-Identifier: MIT

package workload

// KnownTags returns the tags of programs, sorted: what a rule about workloads can match.
func KnownTags() []string {
	return []string{TagDirect, TagMPI, TagMultiprocessing, TagPython, TagWorkers}
}
