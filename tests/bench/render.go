// SPDX-License-Identifier: MIT

package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// documents show tables of the run, between "<!-- bench NAME -->" and
// "<!-- end -->"; NAME may also be caption.
var documents = []string{"README.md", "docs/performance.md"}

// Render writes the tables into the documents below root, and all of them to
// docs/performance/run.txt.
func (r *Run) Render(root string) error {
	files, err := r.Rendered(root)
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Rendered returns what Render writes, by file.
func (r *Run) Rendered(root string) (map[string]string, error) {
	parts := map[string]string{"caption": r.Caption() + "\n"}
	for _, t := range r.tables() {
		parts[t.name] = t.table.markdown()
	}
	files := map[string]string{"docs/performance/run.txt": r.Text()}
	for _, name := range documents {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		if files[name], err = fill(string(text), parts); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return files, nil
}

const (
	opening = "<!-- bench "
	closing = "<!-- end -->"
)

// fill puts each part between its marks.
func fill(text string, parts map[string]string) (string, error) {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(text, opening)
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		name, rest, ok := strings.Cut(after, " -->\n")
		part, known := parts[name]
		if !ok || !known {
			return "", fmt.Errorf("no table is called %q", name)
		}
		_, rest, ok = strings.Cut(rest, closing)
		if !ok {
			return "", fmt.Errorf("the table %s has no %s", name, closing)
		}
		b.WriteString(opening + name + " -->\n" + part + closing)
		text = rest
	}
}
