// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"slurm-mp-policy/nodeinfo"
)

func newNode(_ screen) *cobra.Command {
	var root string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "node [--root DIR] [--json]",
		Short: "Print what this node is: architecture, type, fabrics and counts",
		Long: `Print what this node is: its architecture, the tags of its type and its
fabrics, and the counts of what is online. What cannot be known is left out, and
said on stderr.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := folder("--root", root, recordedFolder); err != nil {
				return err
			}
			node, err := nodeinfo.New(root).Node()
			for line := range strings.Lines(errorText(err)) {
				fmt.Fprintln(cmd.ErrOrStderr(), "mp-policy: not known:", strings.TrimRight(line, "\n"))
			}
			if node.CPUs == 0 && len(node.Tags) == 0 && node.Model == "" && node.Kernel == "" {
				return fmt.Errorf("%s tells nothing about a machine: want a folder with proc/ and sys/ in it", root)
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), node)
			}
			return writeNode(cmd.OutOrStdout(), node)
		},
	}
	cmd.Flags().StringVar(&root, "root", "/", "read the recorded machine in `DIR`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func writeNode(w io.Writer, n nodeinfo.Node) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
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
			fmt.Fprintf(tw, "%s\t%v\n", row.name, row.value)
		}
	}
	return tw.Flush()
}
