// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"slurm-mp-policy/plaintext"
)

// screen describes the output.
type screen struct {
	// colour is set if the output may have colours unless --color says otherwise.
	colour bool
	when   *colourWhen // the value of --color, nil if there is no such option
	// terminal may be cleared.
	terminal bool
	// live is the output itself, for a command that prints page after page.
	live io.Writer
}

// screenOf reports whether f may get colours: a terminal may, unless NO_COLOR is
// there and not empty (https://no-color.org) or the terminal is a dumb one.
func screenOf(f *os.File) screen {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	terminal := err == nil && os.Getenv("TERM") != "dumb"
	return screen{colour: terminal && os.Getenv("NO_COLOR") == "", terminal: terminal}
}

// colourWhen is the value of --color.
type colourWhen string

// The values of --color, as of ls(1).
const (
	coloursAuto   colourWhen = "auto"
	coloursAlways colourWhen = "always"
	coloursNever  colourWhen = "never"
)

var colourChoices = []string{string(coloursAlways), string(coloursNever), string(coloursAuto)}

func (c *colourWhen) String() string { return string(*c) }

func (c *colourWhen) Set(value string) error {
	if !slices.Contains(colourChoices, value) {
		return errors.New("no such choice")
	}
	*c = colourWhen(value)
	return nil
}

// Type is the name of the value in messages.
func (c *colourWhen) Type() string { return "colour" }

// colours reports whether there are any; auto is what the output itself wants.
func (c *colourWhen) colours(auto bool) bool {
	if c == nil || *c == coloursAuto {
		return auto
	}
	return *c == coloursAlways
}

// clearScreen empties a terminal: the cursor goes home, and everything is erased (ECMA-48,
// console_codes(4)).
const clearScreen = "\x1b[H\x1b[2J"

// show prints a page when it is complete, on an empty screen if it is a terminal.
func (s screen) show(page func(io.Writer) error) error {
	var b bytes.Buffer
	if s.terminal {
		b.WriteString(clearScreen)
	}
	if err := page(&b); err != nil {
		return err
	}
	_, err := s.live.Write(b.Bytes())
	return err
}

// Colours of ECMA-48 (console_codes(4)).
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (s screen) paint(colour, text string) string {
	if text == "" || !s.when.colours(s.colour) {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// pad fills text up to a width in characters.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// rows prints aligned columns, two blanks apart, none behind the last.
func rows(w io.Writer, indent string, table [][]string) {
	var widths []int
	for _, row := range table {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range table {
		line := indent
		for i, cell := range row {
			line += pad(cell, widths[i]) + "  "
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// wrap breaks a text at blanks, so that it is no wider than a page; all lines except the
// first are indented.
func wrap(text, indent string) string { return wrapAt(text, indent, drawWidth) }

// wrapAt is wrap for a first line of a width, in characters.
func wrapAt(text, indent string, first int) string {
	return strings.Join(plaintext.Wrap(text, first, drawWidth-len(indent)), "\n"+indent)
}

// clip shortens a line to a width, in characters.
func clip(line string, width int) string {
	if utf8.RuneCountInString(line) <= width {
		return line
	}
	return string([]rune(line)[:width-3]) + "..."
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
