// SPDX-License-Identifier: MIT

package doctor

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
)

func (d *doctor) findConfig() {
	const what = "slurm.conf"
	var err error
	d.conf, err = d.host().SlurmConf(d.SlurmConf)
	if err != nil {
		d.add(Fail, what, "name the file with --slurm-conf", "%s cannot be read: %v", d.conf.File, err)
		return
	}
	if d.conf.File != "" {
		d.add(OK, what, "", "%s", d.conf.File)
		return
	}
	// a host without one asks the controller, which srun may reach from here
	values := d.shown()
	if values == nil {
		d.add(Warn, what, "name the file with --slurm-conf, and plugstack.conf with --plugstack",
			"there is none at %s, and scontrol show config does not tell either", strings.Join(site.ConfFiles, ", "))
		return
	}
	d.conf = site.Config{Values: values, File: values["slurm_conf"], Cached: !d.exists(values["slurm_conf"])}
	d.add(OK, what, "", "%s, as scontrol show config prints it", d.conf.File)
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
		return "", exec.ErrNotFound // they would print the values of this host
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

// lookAtParameters looks at the parameters of Slurm's configuration that matter to the plugin.
func (d *doctor) lookAtParameters() {
	if d.conf.Has("slurmdparameters", "contain_spank") {
		d.add(Note, "contain_spank", "", "SlurmdParameters has it: the plugin works under it, its callbacks run in a child of slurmstepd's")
	}
	if !d.conf.Cached && !d.conf.Has("slurmctldparameters", "enable_configless") {
		return
	}
	d.add(Note, "configless", "", "plugstack.conf is sent to the nodes; %s, the engine, a policy file and the kill switch are not, and have to be on each", site.ShimName)
	if d.stack == nil {
		return
	}
	// what plugstack.conf includes is sent from 23.11 on (CHANGELOG/slurm-23.11.md),
	// if it lies beside slurm.conf
	never := d.Version != "" && d.Version < "23.11"
	for _, include := range d.stack.Includes {
		if !filepath.IsAbs(include.Path) && (never || strings.ContainsAny(include.Path, "/*?[")) {
			d.add(Warn, "configless", "write the plugin's line into plugstack.conf itself, or include an absolute path",
				"%s includes %s, which is not sent to the nodes", include.Source(), include.Path)
		}
	}
}

// stopwatch returns a function that returns the time since the call of stopwatch.
func stopwatch() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start).Round(10 * time.Microsecond) }
}
