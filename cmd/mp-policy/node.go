// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slurm-mp-policy/cmd/mp-policy/internal/site"
	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/plaintext"
)

func newNode(s screen) *cobra.Command {
	var root, cpus string
	var asJSON, tags bool
	cmd := &cobra.Command{
		Use:   "node [--root DIR] [--cpus LIST | --json | --tags]",
		Short: "Print what this node is, and draw where the CPUs of a mask are",
		Long: `Print what this node is: its architecture, the tags of its type and its
fabrics, and the counts of what is online; and draw its sockets, NUMA nodes and
cores with the CPUs of a mask marked. What cannot be known is left out, and said
on standard error. With --tags it lists all tags that a node may have, for the
key node of rules.

Exit status: 0, or 2 where the command line is wrong or names what cannot be
read.`,
		Example: `  mp-policy node
  srun -c 8 mp-policy node
  mp-policy node --root ./knl-node --cpus 0-3,68-71`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if tags {
				return writeTags(cmd.OutOrStdout(), s, asJSON)
			}
			if err := directory("--root", root, recordedDirectory); err != nil {
				return err
			}
			fs := nodeinfo.New(root)
			mask, err := nodeMask(fs, root, cpus, cmd.Flags().Changed("cpus"))
			if err != nil {
				return err
			}
			node, err := fs.Node()
			unknown := slices.Collect(strings.Lines(errorText(err)))
			if node.CPUs == 0 && len(node.Tags) == 0 && node.Model == "" && node.Kernel == "" {
				return fmt.Errorf("%s tells nothing about a machine: want %s", root, recordedDirectory)
			}
			err = nil
			if asJSON {
				err = writeJSON(cmd.OutOrStdout(), node)
			} else {
				writeNode(cmd.OutOrStdout(), node)
				cores, layoutErr := fs.Layout()
				if layoutErr != nil && len(unknown) == 0 {
					unknown = []string{layoutErr.Error()}
				}
				if len(cores) > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
					draw(cmd.OutOrStdout(), s, cores, mask)
				}
			}
			for _, line := range unknown {
				fmt.Fprintln(cmd.ErrOrStderr(), "mp-policy: not known:", plaintext.Printable(strings.TrimRight(line, "\n")))
			}
			return err
		},
	}
	cmd.Flags().StringVar(&root, "root", "/", "read the node that was recorded in `DIR` (mp-policy record)")
	cmd.Flags().StringVar(&cpus, "cpus", "", "mark the CPUs of `LIST`, such as 0-15,64-79 (default: those of this process, without --root)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&tags, "tags", false, "list all tags that a node may have, and what they mean")
	notBoth(cmd, "cpus", "json")
	notBoth(cmd, "cpus", "tags")
	notBoth(cmd, "root", "tags")
	return cmd
}

// nodeMask is what is marked: nothing of a recorded node, unless the caller says.
func nodeMask(fs nodeinfo.FS, root, cpus string, given bool) (nodeinfo.Mask, error) {
	switch {
	case given:
		online, err := fs.OnlineCPUs()
		if err != nil {
			online = nodeinfo.Mask{}
		}
		return parseCPUs(cpus, online)
	case root == "/":
		return site.OwnMask()
	}
	return nodeinfo.Mask{}, nil
}

// writeTags lists the tags by kind.
func writeTags(w io.Writer, s screen, asJSON bool) error {
	if asJSON {
		return writeJSON(w, nodeinfo.Tags)
	}
	width := 0
	for _, tag := range nodeinfo.Tags {
		width = max(width, len(tag.Name))
	}
	for i, tag := range nodeinfo.Tags {
		if i == 0 || nodeinfo.Tags[i-1].Kind != tag.Kind {
			if i > 0 {
				fmt.Fprintln(w)
			}
			fmt.Fprintln(w, s.paint(bold, tag.Kind))
		}
		fmt.Fprintf(w, "  %s  %s\n", pad(tag.Name, width), tag.Meaning)
	}
	return nil
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func writeNode(w io.Writer, n nodeinfo.Node) {
	var table [][]string
	for _, row := range []struct {
		name  string
		value any
	}{
		{"architecture", n.Arch},
		{"vendor", n.Vendor},
		{"model", n.Model},
		{"kernel", n.Kernel},
		{"CPUs", n.CPUs},
		{"online", n.Online},
		{"cores", n.Cores},
		{"sockets", n.Sockets},
		{"threads per core", n.ThreadsPerCore},
		{"NUMA nodes", n.NUMANodes},
		{"tags", strings.Join(n.Tags, " ")},
	} {
		if row.value != "" && row.value != 0 {
			table = append(table, []string{row.name, fmt.Sprint(row.value)})
		}
	}
	rows(w, "", table)
}
