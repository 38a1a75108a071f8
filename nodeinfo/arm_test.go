// SPDX-License-Identifier: MIT

package nodeinfo

import "testing"

// TestNVIDIASystem has the words with which the firmware of any maker names NVIDIA's
// Grace.
func TestNVIDIASystem(t *testing.T) {
	for words, want := range map[string]bool{
		"NVIDIA P3880":              true,
		"Quanta S74G-2U GH200":      true,
		"Supermicro ARS-121 GB200":  true,
		"Lenovo SC777 GB300":        true,
		"HPE_CRAY_EX254N":           true,
		"Giga Computing Grace-A":    true,
		"Amazon EC2 r8g.metal-48xl": false,
		"":                          false,
	} {
		if got := nvidiaSystem(words); got != want {
			t.Errorf("%q: %v, want %v", words, got, want)
		}
	}
}
