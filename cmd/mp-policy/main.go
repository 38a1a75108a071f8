// SPDX-License-Identifier: MIT

// Command mp-policy shows what the plugin knows of a node and what it would do
// there.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	if err := newRoot().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "mp-policy:", err)
		os.Exit(1)
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "mp-policy",
		Short:         "Show what slurm-mp-policy knows of a node and does there",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(
		newNode(),
	)
	return root
}
