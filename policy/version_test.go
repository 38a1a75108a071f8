// SPDX-License-Identifier: MIT

package policy

import (
	"strings"
	"testing"
)

func TestVersionsAreComparedAsNumbers(t *testing.T) {
	for _, tt := range []struct {
		condition string
		holds     []Version
		fails     []Version
	}{
		{"python<3.13", []Version{{3, 9}, {2, 7}, {3, 12}}, []Version{{3, 13}, {3, 100}, {4, 0}, {}}},
		{"python>3.12", []Version{{3, 13}, {3, 100}, {4, 0}}, []Version{{3, 12}, {3, 9}, {2, 99}, {}}},
		{"python=3.1", []Version{{3, 1}}, []Version{{3, 10}, {3, 13}, {2, 1}, {}}},
		{"python=3", []Version{{3, 0}, {3, 13}}, []Version{{2, 7}, {4, 0}, {}}},
		{"python>3", []Version{{4, 0}}, []Version{{3, 13}, {}}},
		{"python<3", []Version{{2, 7}}, []Version{{3, 0}, {}}},
		{"python=3.9,>3.12", []Version{{3, 9}, {3, 14}}, []Version{{3, 10}, {}}},
		{"python=!<3.13", []Version{{3, 13}, {}}, []Version{{3, 12}}},
	} {
		c, err := new(book).parseCondition(tt.condition)
		if err != nil {
			t.Fatalf("%s: %v", tt.condition, err)
		}
		if shown := inspect(c).String(); shown != tt.condition {
			t.Errorf("%s is shown as %s", tt.condition, shown)
		}
		for _, v := range tt.holds {
			if !c.holds(&Facts{Python: v}) {
				t.Errorf("%s does not hold for %v", tt.condition, v)
			}
		}
		for _, v := range tt.fails {
			if c.holds(&Facts{Python: v}) {
				t.Errorf("%s holds for %v", tt.condition, v)
			}
		}
	}
}

func TestWhatIsNoVersion(t *testing.T) {
	for _, text := range []string{"three", "3.", ".13", "3.13.1", "0", "-3", "3.x", "3.*", "300.1", "3.13 "} {
		_, err := new(book).parseCondition("python=" + text)
		if err == nil || !strings.Contains(err.Error(), "is no version of Python; want one as 3.13 or 3") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
