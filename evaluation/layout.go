// SPDX-License-Identifier: MIT

package evaluation

import (
	"strings"
	"unicode/utf8"

	"slurm-mp-policy/plaintext"
)

// LayoutWidth is the width of an explanation in characters. It includes the text that a
// painter puts before each line.
const LayoutWidth = 80

// LabelWidth is the width of the labels' column, in characters.
const LabelWidth = 9

// Layout breaks the texts of the lines at blanks, so that no line is wider than width
// characters. Only a line of one long word may be wider. The lines that it adds have no
// label.
func Layout(list []Line, width int) []Line {
	var laid []Line
	for _, line := range list {
		room := width - max(LabelWidth, utf8.RuneCountInString(line.Label)+2)
		label := line.Label
		for _, text := range plaintext.Wrap(line.Text, room, width-LabelWidth) {
			laid = append(laid, Line{label, text})
			label = ""
		}
	}
	return laid
}

// Pad fills a label with blanks up to the column of the texts.
func Pad(label string) string {
	return label + strings.Repeat(" ", max(2, LabelWidth-utf8.RuneCountInString(label)))
}

// plain returns the lines of an explanation for a step's stderr.
func plain(list []Line) []string {
	var painted []string
	for _, line := range Layout(list, LayoutWidth-len(Prefix)) {
		painted = append(painted, strings.TrimRight(Prefix+Pad(line.Label)+line.Text, " "))
	}
	return painted
}
