// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"slurm-mp-policy/cmd/mp-policy/internal/doctor"
)

func newDoctor(s screen) *cobra.Command {
	var o doctor.Options
	cmd := &cobra.Command{
		Use:   "doctor [OPTIONS]",
		Short: "Look whether the plugin is set up right on this host",
		Long: `Look whether the plugin is set up right on this host, a compute node or a host
that jobs are submitted from: its line in plugstack.conf and what includes it,
the plugin's file and the Slurm version that it was built for, the engine, the
policy file, who could have written all of them, the kill switch, and what of
Slurm's configuration matters; on a compute node also an evaluation. Each finding
that is not ok says what to do.

Nothing is changed, and no job is started. Root sees more than others do. Slurm is asked for
its version, and scontrol for its configuration where there is no slurm.conf.

Exit status: 0; 1 where something keeps the plugin, or a part of it, from working;
2 where the command line is wrong.`,
		Example: `  mp-policy doctor
  srun -N 100 --ntasks-per-node 1 mp-policy doctor
  mp-policy doctor --prefix /srv/images/compute --slurm-version 24.11.5`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("prefix") {
				if err := folder("--prefix", o.Prefix, "a folder with another host's /etc and /usr"); err != nil {
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
			return writeFindings(cmd.OutOrStdout(), s, doctor.Examine(o))
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Prefix, "prefix", "", "look at the host whose root folder is `DIR`, such as an image; none of its programs is started")
	f.StringVar(&o.SlurmConf, "slurm-conf", "", "slurm.conf is `FILE` (default: $SLURM_CONF, or where Slurm's packages have it)")
	f.StringVar(&o.Plugstack, "plugstack", "", "plugstack.conf is `FILE` (default: as slurm.conf says)")
	f.StringVar(&o.PluginDir, "plugindir", "", "Slurm's plugins are in `DIR` (default: as slurm.conf says, or where Slurm's packages have them)")
	f.StringVar(&o.Version, "slurm-version", "", "Slurm is `VERSION`, such as 24.11.5 (default: as its commands say)")
	f.StringVar(&o.Role, "role", "", "this is a `node|submit` host (default: a node where slurmd is installed)")
	complete(cmd, "role", []string{doctor.Node, doctor.Submit})
	return cmd
}

func writeFindings(w io.Writer, s screen, findings []doctor.Finding) error {
	colours := map[string]string{doctor.OK: green, doctor.Note: faint, doctor.Warn: yellow, doctor.Fail: red}
	width := 0
	count := map[string]int{}
	for _, f := range findings {
		width = max(width, len(f.What))
		count[f.Level]++
	}
	for _, f := range findings {
		fmt.Fprintf(w, "%s  %s  %s\n", s.paint(colours[f.Level], pad(f.Level, 4)), pad(f.What, width), printable(f.Text))
		if f.Do != "" {
			fmt.Fprintf(w, "%s  to do: %s\n", pad("", 4+2+width), printable(f.Do))
		}
	}
	switch {
	case count[doctor.Fail] > 0:
		fmt.Fprintf(w, "\nthe plugin does not work as it should: %s, %s\n", plural(count[doctor.Fail], "fault"), plural(count[doctor.Warn], "warning"))
		return errFindings
	case count[doctor.Warn] > 0:
		fmt.Fprintf(w, "\nthe plugin works, with %s\n", plural(count[doctor.Warn], "warning"))
	default:
		fmt.Fprint(w, "\nthe plugin is set up right\n")
	}
	return nil
}
