// SPDX-License-Identifier: MIT

// Package policy decides: facts about one task and rules give settings, each
// with its reason. It reads no file, no environment and no clock.
package policy
