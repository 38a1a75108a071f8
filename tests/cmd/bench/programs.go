// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// pool is a program with a process pool, which the engine reads to its end.
const pool = `import multiprocessing
import sys

def work(n):
    return n * n

if __name__ == "__main__":
    with multiprocessing.Pool(int(sys.argv[1])) as pool:
        print(sum(pool.map(work, range(100))))
`

// writePrograms writes pool.py, and modules.py, whose pool is in the last of 12 modules of
// 150 KB together.
func writePrograms(dir string) error {
	if err := os.WriteFile(filepath.Join(dir, "pool.py"), []byte(pool), 0o644); err != nil {
		return err
	}
	return writeModules(dir, 12, 150_000)
}

// writeModules writes modules.py and the modules of its package parts, each of which imports the
// next one and calls it. bytes is the size of all modules together.
func writeModules(dir string, files, bytes int) error {
	parts := filepath.Join(dir, "parts")
	if err := os.RemoveAll(parts); err != nil {
		return err
	}
	if err := os.Mkdir(parts, 0o755); err != nil {
		return err
	}
	texts := map[string]string{
		"modules.py":        "import sys\nfrom parts import part_0\n\nif __name__ == \"__main__\":\n    part_0.run(int(sys.argv[1]))\n",
		"parts/__init__.py": "",
	}
	for i := range files {
		imports, call := fmt.Sprintf("from . import part_%d\n", i+1), fmt.Sprintf("part_%d.run(n)", i+1)
		if i == files-1 {
			imports, call = "import multiprocessing\n", "multiprocessing.Pool(n).map(abs, range(100))"
		}
		var b strings.Builder
		b.WriteString(imports)
		fmt.Fprintf(&b, "\n\ndef run(n):\n    %s\n", call)
		b.WriteString(functions(bytes/files - b.Len()))
		texts[fmt.Sprintf("parts/part_%d.py", i)] = b.String()
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// functions is Python text of about so many bytes.
func functions(bytes int) string {
	var b strings.Builder
	for i := 0; b.Len() < bytes; i++ {
		fmt.Fprintf(&b, "\n\ndef function_%d(a, b):\n    \"\"\"Return the sum.\"\"\"\n    return a + b * %d  # a comment\n", i, i)
	}
	return b.String()
}
