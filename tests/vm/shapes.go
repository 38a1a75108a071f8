// SPDX-License-Identifier: MIT

package vm

import (
	"fmt"
	"strconv"
	"strings"
)

// shape is a step of the table testdata/shapes, which describes the words.
type shape struct {
	name, command, hint string
	tasks, cpus         int // cpus is 0 for those of the mask
	short, numbering    bool
}

// parseShapes reads the table.
func parseShapes(text string) ([]shape, error) {
	var list []shape
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		words, command, ok := strings.Cut(line, " : ")
		if !ok {
			return nil, fmt.Errorf("a shape has no \" : \" before its command: %q", line)
		}
		fields := strings.Fields(words)
		s := shape{name: fields[0], command: command}
		for _, word := range fields[1:] {
			name, value, _ := strings.Cut(word, "=")
			var err error
			switch name {
			case "tasks":
				s.tasks, err = strconv.Atoi(value)
			case "n":
				s.cpus, err = strconv.Atoi(value)
			case "hint":
				s.hint = strings.ReplaceAll(value, "~", " ")
			case "short":
				s.short = true
			case "numbering":
				s.numbering = true
			default:
				err = fmt.Errorf("no such word of a shape as %q", word)
			}
			if err != nil {
				return nil, fmt.Errorf("%w: %q", err, line)
			}
		}
		list = append(list, s)
	}
	return list, nil
}
