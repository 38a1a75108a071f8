// SPDX-License-Identifier: MIT

package python

import "strings"

// workerTexts are words of texts that start workers.
var workerTexts = [...]string{"multiprocessing", "ProcessPoolExecutor", "joblib", "num_workers", "os.fork("}

// mentioned returns the first place in the texts that names workers. A program that was not followed
// to its end may get there.
func (in *interpreter) mentioned() *sighting {
	for _, file := range in.filesRead {
		text := in.texts[file]
		for _, word := range workerTexts {
			if i := strings.Index(text, word); i >= 0 {
				line := 1 + strings.Count(text[:i], "\n")
				return &sighting{effect: effectWorkers, what: word, hops: []Hop{{File: file, Line: line}}}
			}
		}
	}
	return nil
}
