// SPDX-License-Identifier: MIT

// Package linkage tests what make has built: how the two libraries and the tool are linked, and
// what they show to the outside.
package linkage

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func open(t *testing.T, name string) *elf.File {
	t.Helper()
	f, err := elf.Open(filepath.Join("..", "..", "build", name))
	if err != nil {
		t.Fatalf("%v; run make", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func defined(t *testing.T, f *elf.File) []string {
	t.Helper()
	symbols, err := f.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range symbols {
		if s.Section != elf.SHN_UNDEF {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	return names
}

func imported(t *testing.T, f *elf.File) []string {
	t.Helper()
	symbols, err := f.ImportedSymbols()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range symbols {
		names = append(names, s.Name)
	}
	return names
}

// Slurm looks up these and no others (src/common/plugin.c and the spank code).
func TestShimExportsWhatSlurmLooksUp(t *testing.T) {
	want := []string{
		"plugin_name", "plugin_type", "plugin_version", "slurm_spank_exit", "slurm_spank_init", "slurm_spank_init_post_opt",
		"slurm_spank_task_init", "slurm_spank_task_post_fork", "slurm_spank_user_init", "spank_plugin_version",
	}
	if diff := cmp.Diff(want, defined(t, open(t, "mp_policy.so"))); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// The shim is loaded into srun, slurmd and slurmstepd: it brings no
// library but C's, no Go, no lock and no symbol that is looked up late, and of
// threads only what the evaluator takes to call the engine.
func TestShimIsLeanAndHardened(t *testing.T) {
	f := open(t, "mp_policy.so")
	needed, err := f.DynString(elf.DT_NEEDED)
	if err != nil {
		t.Fatal(err)
	}
	for _, lib := range needed {
		if name, _, _ := strings.Cut(lib, ".so"); !slices.Contains([]string{"libc", "libdl", "libpthread"}, name) && !strings.HasPrefix(name, "ld-linux") {
			t.Errorf("needs %s", lib)
		}
	}
	imports := imported(t, f)
	for _, name := range imports {
		if strings.HasPrefix(name, "pthread_") && !slices.Contains([]string{"pthread_create", "pthread_join"}, name) {
			t.Errorf("uses %s", name)
		}
	}
	if !slices.Contains(imports, "__stack_chk_fail") {
		t.Error("no stack protector")
	}
	if !slices.ContainsFunc(imports, func(s string) bool { return strings.HasSuffix(s, "_chk") }) {
		t.Error("no _FORTIFY_SOURCE")
	}
	checkRelocations(t, f)
}

func TestEngineHasTheThreeSymbolsAndIsHardened(t *testing.T) {
	f := open(t, "libmp_policy.so")
	ours := slices.DeleteFunc(defined(t, f), func(s string) bool { return !regexp.MustCompile(`^mp_policy`).MatchString(s) })
	if diff := cmp.Diff([]string{"mp_policy_abi", "mp_policy_decide", "mp_policy_prepare"}, ours); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	checkRelocations(t, f)
	// what would ask name services, or start more at load than the engine needs
	for _, name := range imported(t, f) {
		if strings.HasPrefix(name, "getaddrinfo") || strings.HasPrefix(name, "getpw") || strings.HasPrefix(name, "getgr") {
			t.Errorf("uses %s", name)
		}
	}
}

// The tool runs in ranks and on hosts of every kind, and starts the user's command there.
// maxEngine bounds the file of the engine, in bytes: each step of a node maps it and starts
// what is in it. It is 5.3 MB on x86_64 with Go 1.26; versions of Go differ.
const maxEngine = 6_500_000

// The engine starts at every launch, so nothing large may be linked into it. A package's
// initialization costs time, too.
func TestEngineIsLean(t *testing.T) {
	info, err := os.Stat("../../build/libmp_policy.so")
	if err != nil {
		t.Fatalf("%v; run make", err)
	}
	if info.Size() > maxEngine {
		t.Errorf("the engine has %d bytes, more than %d: what has been linked into it?", info.Size(), maxEngine)
	}
	out, err := exec.Command("go", "list", "-deps", "../../plugin").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, "slurm-mp-policy/nodeinfo") {
		t.Errorf("the engine's packages are %q", deps)
	}
	// regexp and os/exec are there: go-shellwords imports them
	for _, large := range []string{"net", "net/http", "encoding/json", "text/template", "github.com/prometheus/procfs"} {
		if slices.Contains(deps, large) {
			t.Errorf("%s is linked into the engine", large)
		}
	}
}

func TestToolNeedsOnlyLibc(t *testing.T) {
	f := open(t, "mp-policy")
	needed, err := f.DynString(elf.DT_NEEDED)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"libc.so.6"}, needed); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	for _, name := range imported(t, f) {
		if strings.HasPrefix(name, "getaddrinfo") || strings.HasPrefix(name, "getpw") || strings.HasPrefix(name, "getgr") || name == "dlopen" {
			t.Errorf("uses %s", name)
		}
	}
}

// checkRelocations: full RELRO, every symbol bound at load, no executable stack.
func checkRelocations(t *testing.T, f *elf.File) {
	t.Helper()
	flags, err := f.DynValue(elf.DT_FLAGS)
	if err != nil || len(flags) == 0 || elf.DynFlag(flags[0])&elf.DF_BIND_NOW == 0 {
		flags1, err := f.DynValue(elf.DT_FLAGS_1)
		if err != nil || len(flags1) == 0 || elf.DynFlag1(flags1[0])&elf.DF_1_NOW == 0 {
			t.Error("not linked with -z now")
		}
	}
	relro := false
	for _, p := range f.Progs {
		relro = relro || p.Type == elf.PT_GNU_RELRO
		if p.Type == elf.PT_GNU_STACK && p.Flags&elf.PF_X != 0 {
			t.Error("an executable stack")
		}
	}
	if !relro {
		t.Error("no RELRO")
	}
}
