// SPDX-License-Identifier: MIT

package workload

// KnownTags returns the tags of programs, sorted. The condition workload= can match them.
func KnownTags() []string {
	return []string{TagCPUCount, TagDirect, TagMixed, TagMPI, TagMultiprocessing, TagPython, TagWorkers}
}

// FurtherTags returns the tags of a Result that are not among its Tags.
func (r Result) FurtherTags() []string {
	var tags []string
	if r.Direct {
		tags = append(tags, TagDirect)
	}
	if r.NodeSized {
		tags = append(tags, TagCPUCount)
	}
	if r.Beside != "" {
		tags = append(tags, TagMixed)
	}
	return tags
}
