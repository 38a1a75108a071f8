// SPDX-License-Identifier: MIT

package doctor

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
	"slurm-mp-policy/cmd/mp-policy/internal/words"
)

// library has the facts about a shared library that can be read without loading it.
type library struct {
	path     string
	version  uint32            // the version of Slurm that a plugin was built for; 0: none
	identity map[string]string // of the shim's section .mp_policy
	words    words.Table       // of plugstack.conf that the shim takes
	abi      int               // of the engine; -1: it is not an engine
}

func (d *doctor) readLibrary(path string) (*library, error) {
	f, err := elf.Open(d.at(path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if want, ok := machines[runtime.GOARCH]; ok && f.Machine != want {
		return nil, fmt.Errorf("it is for %v, this host is %v", f.Machine, want)
	}
	l := &library{path: path, identity: map[string]string{}, abi: -1}
	if n, ok := number(f, "plugin_version"); ok {
		l.version = n
	}
	if n, ok := number(f, "mp_policy_abi"); ok {
		l.abi = int(n)
	}
	if section := f.Section(".mp_policy"); section != nil {
		text, err := section.Data()
		if err != nil {
			return nil, err
		}
		texts := strings.Split(string(text), "\x00")
		for _, text := range texts {
			if name, value, ok := strings.Cut(text, "="); ok {
				l.identity[name] = value
			}
		}
		l.words = words.Read(texts)
	}
	return l, nil
}

var machines = map[string]elf.Machine{
	"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64, "ppc64le": elf.EM_PPC64, "s390x": elf.EM_S390,
	"riscv64": elf.EM_RISCV, "loong64": elf.EM_LOONGARCH,
}

// number returns the value of a symbol that is an initialised 32-bit number.
func number(f *elf.File, name string) (uint32, bool) {
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return 0, false
	}
	for _, s := range symbols {
		if s.Name != name || s.Size != 4 || int(s.Section) >= len(f.Sections) {
			continue
		}
		section := f.Sections[s.Section]
		b := make([]byte, 4)
		if _, err := section.ReadAt(b, int64(s.Value-section.Addr)); err == nil {
			return f.ByteOrder.Uint32(b), true
		}
	}
	return 0, false
}

// pluginDirs are the directories of Slurm's plugins. PluginDir of slurm.conf(5) has a default that is
// built in, so these are the ones of Slurm's packages.
func (d *doctor) pluginDirs() []string {
	if d.dirs == nil {
		d.dirs = d.findPluginDirs()
	}
	return d.dirs
}

func (d *doctor) findPluginDirs() []string {
	dirs := d.PluginDir
	if dirs == "" {
		dirs = d.conf.Values["plugindir"]
	}
	if dirs == "" {
		dirs = d.shown()["plugindir"] // the default that is built in
	}
	if dirs != "" && dirs != "(null)" {
		return strings.Split(dirs, ":")
	}
	list := []string{"/usr/lib64/slurm", "/usr/lib/slurm", "/usr/local/lib/slurm", "/usr/local/lib64/slurm", "/opt/slurm/lib/slurm", "/opt/slurm/lib64/slurm"}
	for _, pattern := range []string{"/usr/lib/*-linux-gnu*/slurm-wlm", "/usr/lib/*-linux-gnu*/slurm"} {
		found, err := filepath.Glob(d.at(pattern))
		if err != nil {
			continue
		}
		for _, dir := range found {
			list = append(list, d.inside(dir))
		}
	}
	return list
}

func (d *doctor) lookAtShim() {
	const what = "plugin"
	name := site.ShimName
	if d.line != nil {
		name = d.line.Path
	}
	path, there := d.pluginFile(name)
	if !there {
		d.noShim(name)
		return
	}
	l, err := d.readLibrary(path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		d.add(Fail, what, "chmod a+rx it: srun loads it as its user", "%v", err)
		return
	case err != nil:
		d.add(Fail, what, "install the plugin again", "%s cannot be loaded: %v", path, err)
		return
	}
	if l.version == 0 {
		d.add(Fail, what, "install the plugin again", "%s is no plugin of Slurm's", path)
		return
	}
	d.shim = l
	if problem := d.writable(path); problem != nil {
		d.addProblem(Warn, what, problem, "root loads it: ")
	}
	if problem := d.unreadable(path); problem != nil {
		d.addProblem(Fail, what, problem, "srun loads it as its user: ")
	}
	built := fmt.Sprintf("%02d.%02d", l.version>>16&0xff, l.version>>8&0xff)
	switch {
	case d.Version == "":
		d.add(Note, what, "", "%s is built for Slurm %s", path, built)
	case !strings.HasPrefix(d.Version, built):
		d.add(Fail, what, "install the plugin that is built for Slurm "+versionText.FindStringSubmatch(d.Version)[1],
			"%s is built for Slurm %s; Slurm %s refuses it", path, built, d.Version)
	default:
		d.add(OK, what, "", "%s, built for Slurm %s", path, built)
	}
}

func (d *doctor) noShim(name string) {
	const what = "plugin"
	dirs := d.pluginDirs()
	switch {
	case d.line == nil:
		d.add(Fail, what, "install the plugin for this Slurm, or name Slurm's directory with --plugindir",
			"%s is in none of %s", name, strings.Join(dirs, ", "))
	case filepath.IsAbs(name):
		d.add(Fail, what, "install the plugin, or correct the line", "%s names %s, which is not there", d.line.Source(), name)
	default:
		d.add(Fail, what, "install the plugin for this Slurm, write its absolute path into the line, or name Slurm's directory with --plugindir",
			"%s names %s, which is in none of %s", d.line.Source(), name, strings.Join(dirs, ", "))
	}
}

func (d *doctor) lookAtEngine() {
	const what = "engine"
	path := d.words["lib"]
	if path == "" && d.shim != nil {
		path = d.shim.words.Standard("lib")
	}
	if path == "" {
		if d.shim != nil {
			d.add(Warn, what, "write lib=PATH on "+d.ourLine(), "%s does not tell where it looks for the engine", d.shim.path)
		}
		return
	}
	bad := d.engineLevel()
	l, err := d.readLibrary(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && d.Role == Submit:
		d.add(OK, what, "", "%s is not there, and need not be: only compute nodes load it", path)
		return
	case errors.Is(err, fs.ErrNotExist):
		d.add(Fail, what, "install the engine, or say where it is with lib=PATH on "+d.ourLine(), "%s is not there", path)
		return
	case err != nil:
		d.add(bad, what, "install the engine again", "%s cannot be loaded: %v", path, err)
		return
	case l.abi < 0:
		d.add(bad, what, "correct lib= on "+d.ourLine(), "%s is no engine of this plugin", path)
		return
	}
	good := true
	if problem := d.untrusted(path); problem != nil {
		good = false
		d.addProblem(bad, what, problem, "the plugin refuses it: ")
	}
	if problem := d.unreadable(path); problem != nil {
		good = false
		d.addProblem(bad, what, problem, "it is loaded by a process of the job's user: ")
	}
	if d.shim != nil && d.shim.identity["abi"] != "" && d.shim.identity["abi"] != strconv.Itoa(l.abi) {
		good = false
		d.add(bad, what, "install the two from one package", "%s has ABI %d, %s has %s", path, l.abi, d.shim.path, d.shim.identity["abi"])
	}
	if text, took := d.load(path); text != "" {
		d.add(bad, what, "install the engine that is built for this system", "%s cannot be loaded: %s", path, text)
	} else if good {
		d.add(OK, what, "", "%s, ABI %d, loads in %s", path, l.abi, took)
	}
}

// load has the system's loader load the library into a process that does nothing
// (ld.so(8), LD_PRELOAD), and returns its complaint.
func (d *doctor) load(path string) (complaint string, took time.Duration) {
	program, err := exec.LookPath("true")
	if err != nil {
		return "", 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = []string{"LD_PRELOAD=" + d.at(path), "LC_ALL=C"}
	var text bytes.Buffer
	cmd.Stderr = &text
	done := stopwatch()
	err = cmd.Run()
	took = done()
	if line := strings.TrimSpace(text.String()); line != "" || err == nil {
		return strings.TrimPrefix(line, "ERROR: "), took
	}
	return err.Error(), took
}

// problem is a fault of a path, and the remedy: in words or as a command.
type problem struct{ text, do, command string }

// parts are the path and the directories above it, as given and without symbolic links.
func (d *doctor) parts(path string) []string {
	var list []string
	up := func(path string) {
		for part := filepath.Clean(path); ; part = filepath.Dir(part) {
			list = append(list, part)
			if part == "/" {
				return
			}
		}
	}
	up(path)
	if real := d.real(path); real != filepath.Clean(path) {
		up(real)
	}
	return list
}

// untrusted returns the problem if the plugin refuses the file because others than root could have
// written to it, or to a directory above it.
func (d *doctor) untrusted(path string) *problem { return d.writers(path, false) }

// writable returns the same problem for a file that Slurm loads without a check. A sticky directory,
// such as /tmp, does no harm to root's files in it.
func (d *doctor) writable(path string) *problem { return d.writers(path, true) }

func (d *doctor) writers(path string, sticky bool) *problem {
	for _, part := range d.parts(path) {
		info, err := os.Lstat(filepath.Join(d.at(filepath.Dir(part)), filepath.Base(part)))
		if err != nil {
			return &problem{text: err.Error(), do: "run mp-policy doctor as root"}
		}
		if uid := ownerOf(info); uid != d.Owner {
			return &problem{text: fmt.Sprintf("%s is owned by uid %d, not by root", part, uid), command: "chown root " + part}
		}
		isSticky := info.IsDir() && info.Mode()&os.ModeSticky != 0
		switch {
		case info.Mode()&os.ModeSymlink != 0 || info.Mode().Perm()&0o022 == 0 || sticky && isSticky:
		case isSticky:
			return &problem{text: part + " is a directory that everybody may write to", do: "move " + filepath.Base(path) + " to one that root alone may write to, up to /"}
		default:
			return &problem{text: fmt.Sprintf("%s has mode %04o: others than root may write it", part, info.Mode().Perm()), command: "chmod go-w " + part}
		}
	}
	return nil
}

// unreadable returns why an ordinary user cannot read the file.
func (d *doctor) unreadable(path string) *problem {
	for i, part := range d.parts(path) {
		info, err := os.Stat(d.at(part))
		if err != nil {
			return &problem{text: err.Error(), do: "run mp-policy doctor as root"}
		}
		switch {
		case info.IsDir() && i > 0 && info.Mode().Perm()&0o001 == 0:
			return &problem{text: fmt.Sprintf("%s has mode %04o: users cannot enter it", part, info.Mode().Perm()), command: "chmod a+x " + part}
		case i == 0 && info.Mode().Perm()&0o004 == 0:
			return &problem{text: fmt.Sprintf("%s has mode %04o: users cannot read it", part, info.Mode().Perm()), command: "chmod a+r " + part}
		}
	}
	return nil
}
