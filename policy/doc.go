// SPDX-License-Identifier: MIT

// Package policy makes the decisions. From facts about one task and rules it makes
// settings, each with its reason. It reads no file, no environment and no clock.
package policy
