// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"slurm-mp-policy/cmd/mp-policy/internal/doctor"
)

func newDoctor(s screen) *cobra.Command {
	var o doctor.Options
	var p doctorPage
	cmd := &cobra.Command{
		Use:   "doctor [OPTIONS]",
		Short: "Look whether the plugin is set up right on this host",
		Long: `Look whether the plugin is set up right on this host, a compute node or a host
that jobs are submitted from: its line in plugstack.conf and what includes it,
the plugin's file and the Slurm version that it was built for, the engine, the
policy file, who could have written all of them, the kill switch, what of
Slurm's configuration matters, the TaskProlog and other plugins that name the
same variables; on a compute node also an evaluation, and whether evaluations
were late. Each finding that is not ok says what to do.

After the installation and before the line is in plugstack.conf, the same is
looked at. The result is then "installed, not switched on", which is no fault;
with --switched-on it is one.

In a step of several tasks each line begins with the name of its host, as
sort -s -k1,1 and dshbak want it; --host has it always, --host=false never. For
JSON give each host a file of its own: srun --output=doctor-%N.json. The JSON is
described by /usr/share/slurm-mp-policy/doctor.schema.json (docs/ in the
sources).

Nothing is changed, and no job is started. Root sees more than others do. Slurm
is asked for its version, and scontrol for its configuration if there is no
slurm.conf.

Exit status: 0; 1 if something keeps the plugin, or a part of it, from working;
2 if the command line is wrong.`,
		Example: `  mp-policy doctor
  mp-policy doctor --switched-on --quiet
  srun -N 100 --ntasks-per-node 1 mp-policy doctor --quiet
  mp-policy doctor --prefix /srv/images/compute --slurm-version 24.11.5`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("prefix") {
				if err := directory("--prefix", o.Prefix, "a directory with another host's /etc and /usr"); err != nil {
					return err
				}
				var err error
				if o.Prefix, err = filepath.Abs(o.Prefix); err != nil {
					return fmt.Errorf("--prefix: %w", err)
				}
			}
			for _, f := range []struct{ option, path string }{
				{"slurm-conf", o.SlurmConf}, {"plugstack", o.Plugstack}, {"plugindir", o.PluginDir},
			} {
				if cmd.Flags().Changed(f.option) && !filepath.IsAbs(f.path) {
					return fmt.Errorf("--%s %q: want an absolute path, as Slurm has it", f.option, f.path)
				}
			}
			if cmd.Flags().Changed("role") && o.Role != doctor.Node && o.Role != doctor.Submit {
				return fmt.Errorf("--role %q is not known: want node or submit", o.Role)
			}
			if !cmd.Flags().Changed("host") {
				p.host = severalTasks()
			}
			return p.write(cmd.OutOrStdout(), s, doctor.Examine(o))
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Prefix, "prefix", "", "look at the host whose root directory is `DIR`, such as an image; none of its programs is started")
	f.StringVar(&o.SlurmConf, "slurm-conf", "", "slurm.conf is `FILE` (default: $SLURM_CONF, or where Slurm's packages have it)")
	f.StringVar(&o.Plugstack, "plugstack", "", "plugstack.conf is `FILE` (default: as slurm.conf says)")
	f.StringVar(&o.PluginDir, "plugindir", "", "Slurm's plugins are in `DIR` (default: as slurm.conf says, or where Slurm's packages have them)")
	f.StringVar(&o.Version, "slurm-version", "", "Slurm is `VERSION`, such as 24.11.5 (default: as its commands say)")
	f.StringVar(&o.Role, "role", "", "this is a `node|submit` host (default: a node where slurmd is installed)")
	f.BoolVar(&o.On, "switched-on", false, "a plugin that is not switched on is a fault")
	f.BoolVar(&p.quiet, "quiet", false, "print only what is wrong: warnings and faults, no count")
	f.BoolVar(&p.json, "json", false, "print JSON")
	f.BoolVar(&p.host, "host", false, "begin each line with the host's name (default: in a step of several tasks)")
	complete(cmd, "role", []string{doctor.Node, doctor.Submit})
	return cmd
}
