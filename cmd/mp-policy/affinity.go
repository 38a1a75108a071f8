// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"

	"slurm-mp-policy/nodeinfo"
)

// parseCPUs reads the value of --cpus. online is empty if it is not known.
func parseCPUs(list string, online nodeinfo.Mask) (nodeinfo.Mask, error) {
	mask, err := nodeinfo.ParseList(list)
	if err != nil {
		return mask, fmt.Errorf("--cpus: %w; want a list such as 0-15,64-79", err)
	}
	if mask.Count() == 0 {
		return mask, errors.New("--cpus is empty: want a list such as 0-15,64-79")
	}
	if online.Count() > 0 {
		for cpu := range mask.All() {
			if !online.Has(cpu) {
				return mask, fmt.Errorf("--cpus %s: CPU %d is not online there: want CPUs of %s", list, cpu, online)
			}
		}
	}
	return mask, nil
}
