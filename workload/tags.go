// SPDX-License-Identifier: MIT

package workload

// KnownTags returns the tags that Recognise gives, sorted: what a rule about
// workloads can match.
func KnownTags() []string {
	return []string{TagMPI, TagMultiprocessing, TagPython, TagWorkers}
}
