// SPDX-License-Identifier: MIT

package doctor

import (
	"strings"
	"testing"
)

// TestConfiglessInclude: a file beside plugstack.conf is sent to the nodes from 23.11 on.
func TestConfiglessInclude(t *testing.T) {
	for version, sent := range map[string]bool{"22.05.8": false, "23.02.7": false, "23.11.0": true, "24.11.5": true} {
		h := healthy(t)
		h.write("/etc/slurm/slurm.conf", "PluginDir=/usr/lib64/slurm\nSlurmctldParameters=enable_configless\n")
		h.write(stackFile, "include mp.conf\n")
		h.write("/etc/slurm/mp.conf", "optional mp_policy.so\n")
		o := h.options()
		o.Version = version
		if got := show(Examine(o).Findings); strings.Contains(got, "includes mp.conf, which is not sent") == sent {
			t.Errorf("%s: %s", version, got)
		}
	}
}
