// SPDX-License-Identifier: MIT

package modules

import (
	"path"
	"strings"
)

// maxEntryPoints bounds an entry_points.txt. The longest of the well-known ones
// (pygments, pytest plugins, snakemake) has some KiB.
const maxEntryPoints = 64 << 10

// Resolve finds the module that an entry point runs, and the function in it. attr is ""
// if the module's text itself is the program.
func (p *Path) Resolve(e Entry) (m Module, attr string, ok bool) {
	switch {
	case e.Module != "" && e.Attr == "":
		m, ok = p.Main(e.Module)
		return m, "", ok
	case e.Module != "":
		m, ok = p.Find(e.Module)
		return m, e.Attr, ok
	case e.File != "":
		return Module{Name: "__main__", File: e.File, Place: Own}, "", true
	case e.Name == "":
		return Module{}, "", false
	}
	for i := 0; i < len(p.entries) && p.compare(0); i++ {
		for _, metadata := range p.metadata(p.entries[i].name, e.Dist) {
			if m, attr, ok := p.fromMetadata(metadata, e); ok {
				return m, attr, true
			}
		}
		p.expand(i)
	}
	return Module{}, "", false
}

func (p *Path) fromMetadata(metadata string, e Entry) (Module, string, bool) {
	if e.Group == "" {
		d := p.dir(path.Join(metadata, "scripts"))
		if d == nil || strings.Contains(e.Name, "/") || !p.has(d, e.Name) {
			return Module{}, "", false
		}
		return Module{Name: "__main__", File: path.Join(d.name, e.Name), Place: Site}, "", true
	}
	text, _, err := p.ReadFile(path.Join(metadata, "entry_points.txt"), maxEntryPoints)
	if err != nil {
		return Module{}, "", false
	}
	module, attr, ok := parseEntryPoints(string(text), e.Group, e.Name)
	if !ok {
		return Module{}, "", false
	}
	m, ok := p.Find(module)
	return m, attr, ok
}

// parseEntryPoints returns the object reference of an entry point ("Entry points
// specification" of the Python Packaging User Guide): MODULE:ATTRIBUTE [EXTRAS].
func parseEntryPoints(text, group, name string) (module, attr string, ok bool) {
	in := false
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			in = strings.TrimSpace(strings.Trim(line, "[]")) == group
			continue
		}
		key, value, found := strings.Cut(line, "=")
		if !in || !found || strings.TrimSpace(key) != name {
			continue
		}
		value, _, _ = strings.Cut(value, "[")
		module, attr, _ = strings.Cut(value, ":")
		module, attr = strings.TrimSpace(module), strings.TrimSpace(attr)
		return module, attr, isDotted(module) && (attr == "" || isDotted(attr))
	}
	return "", "", false
}

// metadata returns the directories with the metadata of a distribution, or of all if
// dist is "", in one entry of sys.path: NAME-VERSION.dist-info of wheels, NAME-VERSION.egg-info and NAME.egg-info of
// setuptools, EGG-INFO in an egg. A NAME.egg-link names a further entry.
//
// Source: "Recording installed projects" of the Python Packaging User Guide; "The
// Internal Structure of Python Eggs" of setuptools' documentation.
func (p *Path) metadata(entry, dist string) []string {
	d := p.entryDir(entry)
	if d == nil {
		return nil
	}
	if strings.HasSuffix(entry, ".egg") {
		if dist != "" && !isDist(path.Base(entry), dist) {
			return nil
		}
		return []string{path.Join(entry, "EGG-INFO")}
	}
	if !p.compare(4 * len(d.names)) {
		return nil
	}
	var found []string
	for _, name := range d.names {
		stem, suffix := name, ""
		for _, s := range [...]string{".dist-info", ".egg-info", ".egg", ".egg-link"} {
			if cut, ok := strings.CutSuffix(name, s); ok {
				stem, suffix = cut, s
			}
		}
		if suffix == "" || dist != "" && !isDist(stem, dist) {
			continue
		}
		file := path.Join(entry, name)
		switch suffix {
		case ".egg":
			if p.entryDir(file) != nil {
				found = append(found, path.Join(file, "EGG-INFO"))
			}
		case ".egg-link":
			p.addEggLink(file)
		default:
			found = append(found, file)
		}
	}
	return found
}

// addEggLink puts the directory that the first line of an .egg-link names at the end of
// sys.path, if easy-install.pth did not do so: its metadata lies beside its modules.
func (p *Path) addEggLink(file string) {
	text, _, err := p.ReadFile(file, maxConfig)
	if err != nil {
		return
	}
	dir, _, _ := strings.Cut(string(text), "\n")
	dir = strings.TrimSpace(dir)
	if strings.HasPrefix(dir, "/") {
		p.add(path.Clean(dir), Site)
	}
}

// isDist compares the name before the version with a distribution's name, both
// normalised as importlib.metadata does (PEP 503, with underscores).
func isDist(stem, dist string) bool {
	stem = normalise(strings.TrimSuffix(stem, ".egg"))
	rest, ok := strings.CutPrefix(stem, normalise(dist))
	return ok && (rest == "" || rest[0] == '_' && len(rest) > 1 && '0' <= rest[1] && rest[1] <= '9')
}

func normalise(name string) string {
	name = strings.Map(func(c rune) rune {
		if c == '-' || c == '.' {
			return '_'
		}
		return c
	}, strings.ToLower(name))
	for strings.Contains(name, "__") {
		name = strings.ReplaceAll(name, "__", "_")
	}
	return name
}
