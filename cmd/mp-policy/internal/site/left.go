// SPDX-License-Identifier: MIT

package site

import (
	"slices"
	"strings"

	"slurm-mp-policy/policy"
)

// The variables in which Slurm keeps the options of sbatch and salloc for the commands
// that they start, for any --export. The shim's options.h has the same names.
const (
	leftWords = "SLURM_SPANK__SLURM_SPANK_OPTION_mp_policy_mp_policy"
	leftOff   = "SLURM_SPANK__SLURM_SPANK_OPTION_mp_policy_no_mp_policy"
)

// Option returns the words of --mp-policy that hold for a command with these words of its
// own ("" if none). It follows the shim's rule for srun: if MP_POLICY is not set, the words
// given to sbatch and salloc hold like an earlier option of the command.
func Option(words string, env []string) string {
	value := func(name string) (string, bool) {
		for _, entry := range env {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value, true
			}
		}
		return "", false
	}
	if _, given := value("MP_POLICY"); given || words != "" && words != "explain" {
		return words
	}
	left, _ := value(leftWords)
	if _, off := value(leftOff); off {
		left = "off"
	}
	if !wellFormed(left) {
		return words
	}
	if words == "" || slices.Contains(strings.Split(left, ","), words) {
		return left
	}
	if both := left + "," + words; wellFormed(both) {
		return both
	}
	return left
}

func wellFormed(words string) bool {
	_, err := policy.ParseChoice(words)
	return err == nil
}
