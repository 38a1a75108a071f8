// SPDX-License-Identifier: MIT

package site

import (
	"os"
	"strings"
	"testing"
)

// The tool and the shim look for the same kill switch.
func TestKillSwitch(t *testing.T) {
	text, err := os.ReadFile("../../../../cshim/mp_policy.c")
	if err != nil {
		t.Fatal(err)
	}
	if want := `#define KILL_SWITCH "` + KillSwitch + `"`; !strings.Contains(string(text), want+"\n") {
		t.Errorf("cshim/mp_policy.c has no line %s", want)
	}
}
