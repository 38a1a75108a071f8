// SPDX-License-Identifier: MIT

package faults

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// otherVersion makes the plugin and the engine of another version, whose ABI is another,
// as make does it, and says where they are.
func otherVersion(t *testing.T) (otherShim, otherEngine string) {
	t.Helper()
	must(t, makeOtherVersion())
	return inScratch("other/build/mp_policy.so"), inScratch("other/build/libmp_policy.so")
}

var makeOtherVersion = sync.OnceValue(func() error {
	dir := inScratch("other")
	for _, name := range []string{"cmd", "cshim", "evaluation", "nodeinfo", "plaintext", "plugin", "policy", "regular", "workload"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS("../../"+name)); err != nil {
			return err
		}
	}
	for _, name := range []string{"Makefile", "VERSION", "go.mod", "go.sum"} {
		if err := copyTo("../../"+name, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	header := filepath.Join(dir, "cshim", "abi.h")
	text, err := os.ReadFile(header)
	if err != nil {
		return err
	}
	changed := bytes.Replace(text, []byte("#define MP_ABI "), []byte("#define MP_ABI 100"), 1)
	if bytes.Equal(text, changed) {
		return fmt.Errorf("%s has no MP_ABI", header)
	}
	if err := os.WriteFile(header, changed, 0o644); err != nil {
		return err
	}
	if out, err := exec.Command("make", "-C", dir, "build/mp_policy.so", "build/libmp_policy.so").CombinedOutput(); err != nil {
		return fmt.Errorf("make: %w\n%s", err, out)
	}
	return nil
})

// Of two versions, one that is made from this header and one from a changed one, the
// plugin of neither takes the engine of the other.
func TestOtherVersion(t *testing.T) {
	otherShim, otherEngine := otherVersion(t)
	for name, test := range map[string]struct {
		s   step
		why string // "" if the two fit together
	}{
		"old plugin, new engine": {step{lib: otherEngine}, `engine .* has ABI 100\d+, the plugin has \d+; install the two from one package`},
		"new plugin, old engine": {step{plugin: otherShim}, `engine .* has ABI \d+, the plugin has 100\d+; install the two from one package`},
		"both old":               {step{}, ""},
		"both new":               {step{plugin: otherShim, lib: otherEngine}, ""},
	} {
		for _, mode := range []string{"cpus 2", "contain"} {
			t.Run(name+","+mode, func(t *testing.T) {
				test.s.more = []string{"tasks 2", mode}
				if test.why != "" {
					test.s.asWithoutPlugin(t, test.why)
					return
				}
				o := test.s.launch(t)
				o.unharmed(t)
				o.served(t)
			})
		}
	}
}
