// SPDX-License-Identifier: MIT

package evaluation

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"slurm-mp-policy/regular"
)

// maxAccounts bounds /etc/passwd and /etc/group, in bytes.
const maxAccounts = 8 << 20

// users returns the names of the step's user that a rule may have: the number, the name
// if Slurm passes it, and the name in the node's /etc/passwd. Name services are not
// asked, because a launch must not wait for a directory server.
func (e *Evaluation) users() []string {
	users := e.named("etc/passwd", e.Request.UID)
	if name := e.env["SLURM_JOB_USER"]; name != "" && !slices.Contains(users, name) {
		users = append(users, name)
	}
	return users
}

// groups returns the step's group and the user's other groups, as numbers and by their
// names in the node's /etc/group.
func (e *Evaluation) groups() []string {
	return e.named("etc/group", append([]int{e.Request.GID}, e.Request.Groups...)...)
}

// named returns the numbers as words, and their names from a file of passwd(5) or
// group(5). In both files, the name comes first and the number third.
func (e *Evaluation) named(file string, ids ...int) []string {
	var words []string
	for _, id := range ids {
		if word := strconv.Itoa(id); !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	numbers := len(words)
	text, err := regular.Read(filepath.Join(e.Request.Root, file), maxAccounts)
	if err != nil {
		e.warn(err)
	}
	for line := range strings.Lines(text) {
		fields := strings.SplitN(line, ":", 4)
		if len(fields) == 4 && slices.Contains(words[:numbers], fields[2]) {
			words = append(words, fields[0])
		}
	}
	return words
}
