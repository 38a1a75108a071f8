// SPDX-License-Identifier: MIT

package doctor

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// config is what slurm.conf says, by keys in lower case.
type config struct {
	values map[string]string
	file   string // slurm.conf, or the command that told
	cached bool   // it is a copy that slurmd or sackd fetched (configless)
}

func (c config) has(key, word string) bool {
	for option := range strings.SplitSeq(c.values[key], ",") {
		if strings.EqualFold(strings.TrimSpace(option), word) {
			return true
		}
	}
	return false
}

// Where slurm.conf is: slurm.conf(5) and, for copies, configless_slurm.
var (
	confFiles  = []string{"/etc/slurm/slurm.conf", "/etc/slurm-llnl/slurm.conf", "/opt/slurm/etc/slurm.conf", "/usr/local/etc/slurm.conf"}
	cacheFiles = []string{"/run/slurm/conf/slurm.conf", "/var/spool/slurmd/conf-cache/slurm.conf", "/var/spool/slurm/d/conf-cache/slurm.conf"}
)

func (d *doctor) findConfig() {
	const what = "slurm.conf"
	d.conf.values = map[string]string{}
	file := d.SlurmConf
	if file == "" && d.Prefix == "" {
		file = os.Getenv("SLURM_CONF")
	}
	for _, name := range append(confFiles, cacheFiles...) {
		if file == "" && d.exists(name) {
			file = name
		}
	}
	for _, name := range cacheFiles {
		d.conf.cached = d.conf.cached || file == name
	}
	if file != "" {
		d.conf.file = file
		if err := d.readConf(file, 0); err != nil {
			d.add(Fail, what, "name the file with --slurm-conf", "%s cannot be read: %v", file, err)
			return
		}
		d.add(OK, what, "", "%s", file)
		return
	}
	// a host without one asks the controller, which srun may reach from here
	values := d.shown()
	if values == nil {
		d.add(Warn, what, "name the file with --slurm-conf, and plugstack.conf with --plugstack",
			"there is none at %s, and scontrol show config does not tell either", strings.Join(confFiles, ", "))
		return
	}
	d.conf = config{values: values, file: values["slurm_conf"], cached: !d.exists(values["slurm_conf"])}
	d.add(OK, what, "", "%s, as scontrol show config prints it", d.conf.file)
}

// shown are the values that the controller prints, with the defaults; nil if it
// does not.
func (d *doctor) shown() map[string]string {
	text, err := d.command("scontrol", "show", "config")
	if err != nil {
		return nil
	}
	values := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(line, "="); ok {
			values[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
	}
	return values
}

// readConf reads the lines KEY=VALUE of slurm.conf and of what it includes; lines with
// several are those of nodes and partitions.
func (d *doctor) readConf(name string, depth int) error {
	f, err := os.Open(d.at(name))
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		line = strings.TrimSpace(line)
		if words := strings.Fields(line); len(words) == 2 && strings.EqualFold(words[0], "include") && depth < 8 {
			included := words[1]
			if !filepath.IsAbs(included) {
				included = filepath.Join(filepath.Dir(name), included)
			}
			_ = d.readConf(included, depth+1) // Slurm itself complains of one that is missing
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok {
			d.conf.values[strings.ToLower(strings.TrimSpace(key))] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return lines.Err()
}

var versionText = regexp.MustCompile(`\b([0-9]{2}\.[0-9]{2})(\.[0-9]+\S*)?`)

// findVersion asks Slurm's commands, of which only slurmd answers without a
// configuration.
func (d *doctor) findVersion() {
	const what = "Slurm"
	from := "--slurm-version"
	if d.Version == "" {
		for _, command := range []string{"slurmd", "sinfo", "srun", "scontrol"} {
			if text, err := d.command(command, "-V"); err == nil && versionText.MatchString(text) {
				d.Version, from = versionText.FindString(text), command+" -V"
				break
			}
		}
	}
	if d.Version == "" {
		d.add(Warn, what, "name it with --slurm-version", "no command of Slurm's tells its version")
		return
	}
	if !versionText.MatchString(d.Version) {
		d.add(Warn, what, "want a version such as 24.11.5", "%q is no version of Slurm", d.Version)
		d.Version = ""
		return
	}
	d.add(OK, what, "", "%s (%s), as a %s", d.Version, from, map[string]string{Node: "compute node", Submit: "submit host"}[d.Role])
}

// command runs one of Slurm's on this host and returns what it prints.
func (d *doctor) command(name string, args ...string) (string, error) {
	if d.Prefix != "" {
		return "", exec.ErrNotFound // they would tell of this host
	}
	path, err := exec.LookPath(name)
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/opt/slurm/bin", "/opt/slurm/sbin"} {
		if err == nil {
			break
		}
		path, err = exec.LookPath(filepath.Join(dir, name))
	}
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.WaitDelay = time.Second
	text, err := cmd.Output()
	return string(text), err
}

// lookAtParameters says what of Slurm's configuration the plugin has to do with.
func (d *doctor) lookAtParameters() {
	if d.conf.has("slurmdparameters", "contain_spank") {
		d.add(Note, "contain_spank", "", "SlurmdParameters has it: the plugin works under it, its callbacks run in a child of slurmstepd's")
	}
	if !d.conf.cached && !d.conf.has("slurmctldparameters", "enable_configless") {
		return
	}
	d.add(Note, "configless", "", "plugstack.conf is sent to the nodes; %s, the engine, a policy file and the kill switch are not, and have to be on each", shimName)
	if d.stack == nil {
		return
	}
	// what plugstack.conf includes is sent from 23.11 on (CHANGELOG/slurm-23.11.md),
	// where it lies beside slurm.conf
	never := d.Version != "" && d.Version < "23.11"
	for _, include := range d.stack.includes {
		if !filepath.IsAbs(include.path) && (never || strings.ContainsAny(include.path, "/*?[")) {
			d.add(Warn, "configless", "write the plugin's line into plugstack.conf itself, or include an absolute path",
				"%s includes %s, which is not sent to the nodes", include.source(), include.path)
		}
	}
}

// stopwatch returns what tells the time since then.
func stopwatch() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start).Round(10 * time.Microsecond) }
}
