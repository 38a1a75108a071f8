// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"strings"
)

// addInstalled adds the standard library and the site directories, in the order of
// main() in Lib/site.py: the virtual environment, the user's site directory, the
// packages of the installation. The standard library in a zip file
// (lib/python311.zip) is left out: only bundled applications have it.
func (p *Path) addInstalled(env func(string) string, s Start) {
	i := &p.Interpreter
	if i.Library != "" {
		p.add(i.Library, Standard)
		if i.Version.Major == 2 { // PYTHONPATH in Modules/Setup
			p.add(path.Join(i.Library, "plat-linux2"), Standard)
			p.add(path.Join(i.Library, "lib-tk"), Standard)
		}
		p.add(path.Join(i.Library, "lib-dynload"), Standard)
		p.addOldVirtualenv()
	}
	if s.flag("S") || i.lib == "" {
		return
	}
	if i.Venv {
		p.addSites(i.siteDirs(i.Prefix))
	}
	base := !i.Venv || i.SystemSite
	user := base && !s.flag("sI") && env("PYTHONNOUSERSITE") == ""
	if user {
		if dir := p.userSite(env); dir != "" {
			p.addSites([]string{dir})
		}
	}
	if !base || i.Base == "" {
		return
	}
	// Fedora's change of site.py (its patch 00251) lets /usr/local go first.
	if user && i.Base == "/usr" && len(i.libs) > 1 {
		p.addSites(i.siteDirs("/usr/local"))
	}
	sites := i.siteDirs(i.Base)
	if i.Base == "/usr" && i.Venv {
		sites = append(sites, i.debianDirs()...)
	} else if i.Base == "/usr" {
		sites = append(i.debianDirs(), sites...)
	}
	p.addSites(sites)
}

func (p *Path) addSites(dirs []string) {
	for _, dir := range dirs {
		p.insert(len(p.entries), dir, Site, true)
	}
}

// siteDirs returns the site directories below a prefix (getsitepackages in
// Lib/site.py).
func (i *Interpreter) siteDirs(prefix string) []string {
	libs := i.libs
	if libs == nil {
		libs = []string{"lib", "lib64"}
	}
	var dirs []string
	for _, lib := range libs {
		dirs = append(dirs, path.Join(prefix, lib, i.lib, "site-packages"))
	}
	if strings.HasPrefix(i.lib, "pypy") {
		dirs = append(dirs, path.Join(prefix, "site-packages")) // before PyPy 7.3.6
	}
	return dirs
}

// debianDirs returns the site directories of Debian's and Ubuntu's interpreter, whose
// site.py has its own list ("Debian Python Policy", Module Path). It uses
// site-packages for a virtual environment only.
func (i *Interpreter) debianDirs() []string {
	dirs := []string{"/usr/local/lib/" + i.lib + "/dist-packages"}
	if i.Version.Major >= 3 {
		dirs = append(dirs, "/usr/lib/python3/dist-packages")
	}
	return append(dirs, "/usr/lib/"+i.lib+"/dist-packages")
}

// userSite returns the user's site directory (getusersitepackages in Lib/site.py).
func (p *Path) userSite(env func(string) string) string {
	base := env("PYTHONUSERBASE")
	if base == "" {
		home := p.machine.env("HOME")
		if home == "" {
			return ""
		}
		base = path.Join(home, ".local")
	}
	return path.Join(p.join(base), "lib", p.Interpreter.lib, "site-packages")
}

// addOldVirtualenv adds what virtualenv before version 20 took from the interpreter it
// was made with: it put a site.py of its own and a few modules into the environment, and
// named the rest in orig-prefix.txt.
func (p *Path) addOldVirtualenv() {
	i := &p.Interpreter
	if i.Venv || i.Version.AtLeast(3, 9) {
		return
	}
	text, _, err := p.machine.Files.Read(path.Join(i.Library, "orig-prefix.txt"), maxConfig)
	if err != nil {
		return
	}
	original := strings.TrimSpace(string(text))
	if !strings.HasPrefix(original, "/") {
		return
	}
	for _, dir := range [...]string{"", "lib-dynload"} {
		p.add(path.Join(original, "lib", i.lib, dir), Standard)
	}
	i.Venv, i.Prefix = true, i.Base
	i.SystemSite = !p.machine.Files.IsRegular(path.Join(i.Library, "no-global-site-packages.txt"))
	i.Base = path.Clean(original)
}
