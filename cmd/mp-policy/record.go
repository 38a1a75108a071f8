// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"slurm-mp-policy/nodeinfo"
	"slurm-mp-policy/plaintext"
)

func newRecord(_ screen) *cobra.Command {
	return &cobra.Command{
		Use:   "record DIR",
		Short: "Record this node in a directory, to send with a report",
		Long: `Record this node in the new directory DIR: the few files of /proc and /sys that the
plugin reads of a node, and nothing else. node and explain read it with --root DIR
and say what they say here.

There are no serial numbers, addresses, host names and user names in it: of each
file only what is read is kept, network devices that are named by their address
get a number, and the limit of this process's cgroups is written without their
names. It is a few kilobytes of text; look at it before it is sent.

Exit status: 0, or 2 where the directory cannot be written or the node not be read.`,
		Example: `  mp-policy record ./this-node
  tar czf this-node.tar.gz this-node`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return errors.New("record takes one new directory: want mp-policy record DIR")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := filepath.Clean(args[0])
			r, err := recordingOf("/")
			if err != nil {
				return err
			}
			if err := r.write(dir); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "%s: this node, in %s\n", plaintext.Printable(dir), plaintext.Plural(len(r.files), "file"))
			fmt.Fprintf(out, "mp-policy node --root %s prints it; tar czf %s.tar.gz %s packs it\n",
				plaintext.Printable(dir), plaintext.Printable(filepath.Base(dir)), plaintext.Printable(dir))
			return nil
		},
	}
}

// recording has the files of a recorded node, by names without a leading slash.
type recording struct {
	files       map[string]string
	links       map[string]string
	directories map[string]bool
}

// recordingOf reads the node below root, "/" or a recorded one, as explain and node do.
func recordingOf(root string) (*recording, error) {
	node, trace := nodeinfo.New(root).Tracing()
	n, _ := node.Node() // facts that are unknown here are unknown there
	_, _ = node.Layout()
	// The counts need one CPU of each core. A mask can begin with any of them.
	if online, err := node.OnlineCPUs(); err == nil {
		for cpu := range online.All() {
			mask, _ := nodeinfo.ParseList(strconv.Itoa(cpu))
			_, _ = node.Cores(mask)
		}
	}
	if n.CPUs == 0 && len(n.Tags) == 0 {
		return nil, fmt.Errorf("%s tells nothing about a machine: are /proc and /sys mounted?", root)
	}
	r := &recording{map[string]string{}, map[string]string{}, map[string]bool{}}
	rename := renamer()
	for name, text := range trace.Files {
		r.files[rename(name)] = withoutSecrets(name, string(text))
	}
	for _, name := range trace.Seen {
		if _, read := trace.Files[name]; !read {
			r.files[rename(name)] = ""
		}
	}
	for name, base := range trace.Links {
		r.links[rename(name)] = base
	}
	for name, entries := range trace.Directories {
		r.directories[rename(name)] = true
		for _, entry := range entries {
			full := rename(name + "/" + entry)
			if _, isFile := r.files[full]; !isFile && r.links[full] == "" {
				r.directories[full] = true
			}
		}
	}
	if root == "/" {
		// not read on the running machine, because the tool was built for its architecture
		r.files["proc/sys/kernel/arch"] = n.Arch + "\n"
	}
	r.quota(nodeinfo.New(root))
	return r, nil
}

// quota keeps the limit of this process's cgroups as the limit of a cgroup called "recorded".
func (r *recording) quota(node nodeinfo.FS) {
	cpus, limited, err := node.Quota("self")
	if errors.Is(err, fs.ErrNotExist) && !limited {
		return // a recorded machine without this process
	}
	r.directories["sys/fs/cgroup"] = true
	if !limited {
		r.files["proc/self/cgroup"] = "0::/\n"
		return
	}
	// as fine as the kernel's own, which is in microseconds of up to a second
	const period = 1_000_000_000
	r.files["proc/self/cgroup"] = "0::/recorded\n"
	r.files["sys/fs/cgroup/recorded/cpu.max"] = fmt.Sprintf("%.0f %d\n", math.Max(1, math.Round(cpus*period)), period)
}

var (
	// byAddress are the names that udev gives network devices by their address:
	// "ibx98039b0300a1b2c3" (rdma-core's rdma_rename).
	byAddress = regexp.MustCompile(`([a-z]x)[0-9a-f]{12,16}\b`)
	// serials are the lines of /proc/cpuinfo that name one machine: of ARM, and a
	// part of one of s390.
	serials        = regexp.MustCompile(`(?mi)^[^:\n]*serial[^:\n]*:.*\n?`)
	identification = regexp.MustCompile(`(identification = )[0-9A-Fa-f]+`)
)

// renamer replaces each address in a name by a number.
func renamer() func(string) string {
	numbers := map[string]string{}
	return func(name string) string {
		return byAddress.ReplaceAllStringFunc(name, func(device string) string {
			if numbers[device] == "" {
				numbers[device] = fmt.Sprintf("%s%012d", device[:2], len(numbers))
			}
			return numbers[device]
		})
	}
}

// withoutSecrets keeps only the parts of a file that nodeinfo reads.
func withoutSecrets(name, text string) string {
	switch {
	case name == "proc/version": // it names the host and the user who built the kernel
		words := strings.Fields(text)
		return strings.Join(words[:min(3, len(words))], " ") + "\n"
	case name == "proc/cpuinfo":
		text = text[:strings.LastIndexByte(text, '\n')+1] // the read ended anywhere
		return identification.ReplaceAllString(serials.ReplaceAllString(text, ""), "${1}000000")
	case name == "proc/hwloc-nofile-info":
		return linesOf(text, "OSRelease:", "Architecture:")
	case strings.HasSuffix(name, "/uevent"):
		return linesOf(text, "DRIVER=")
	}
	return text
}

// linesOf keeps the lines that begin so.
func linesOf(text string, starts ...string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if slices.ContainsFunc(starts, func(start string) bool { return strings.HasPrefix(line, start) }) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// write makes the directory, which appears when it is complete.
func (r *recording) write(dir string) (err error) {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty: want a new directory", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s cannot be recorded to: %w", dir, err)
	}
	made, err := os.MkdirTemp(filepath.Dir(dir), ".mp-policy-record-")
	if err != nil {
		return fmt.Errorf("%s cannot be recorded to: %w", dir, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s cannot be recorded to: %w", dir, err), os.RemoveAll(made))
		}
	}()
	for _, name := range slices.Sorted(maps.Keys(r.directories)) {
		if err := os.MkdirAll(filepath.Join(made, name), 0o755); err != nil {
			return err
		}
	}
	for name, text := range r.files {
		name = filepath.Join(made, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	for name, base := range r.links {
		name = filepath.Join(made, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(base, name); err != nil {
			return err
		}
	}
	if err := os.Chmod(made, 0o755); err != nil {
		return err
	}
	return unix.Rename(made, dir) // os.Rename would not take the place of an empty directory
}
