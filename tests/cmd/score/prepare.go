// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// maxBytes is the size of a file that is left out of a checkout, unless it is
// Python: larger ones are data.
const maxBytes = 200_000

// kinds are the endings of the files that a program on paper can read. A script may
// have none.
var kinds = []string{"", ".cfg", ".ini", ".json", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml"}

// prepare makes the checkouts that are not there yet.
func prepare(ctx context.Context, programs []program, mirrors, checkouts string, w io.Writer) error {
	for _, p := range programs {
		into := p.checkout(checkouts)
		if _, err := os.Stat(into); err == nil {
			continue
		}
		gitDir, err := findGit(p.checkout(mirrors))
		if err != nil {
			return fmt.Errorf("%s: %w", p.repository, err)
		}
		n, err := checkOut(ctx, gitDir, p.commit, into)
		if err != nil {
			return fmt.Errorf("%s at %s: %w", p.repository, p.commit, err)
		}
		fmt.Fprintf(w, "%s: %d files\n", into, n)
	}
	return nil
}

// findGit returns the first git directory in or below dir.
func findGit(dir string) (string, error) {
	found := ""
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		_, head := os.Stat(filepath.Join(name, "HEAD"))
		_, objects := os.Stat(filepath.Join(name, "objects"))
		if head != nil || objects != nil {
			return nil
		}
		found = name
		return fs.SkipAll
	})
	if err == nil && found == "" {
		err = fmt.Errorf("no git directory is below %s; fetch the repository", dir)
	}
	return found, err
}

// checkOut writes the texts of a commit into a new directory and returns how many
// they are. It names each file to git, because a mirror can lack the large ones. The
// directory appears when it is complete.
func checkOut(ctx context.Context, gitDir, commit, into string) (int, error) {
	list, err := exec.CommandContext(ctx, "git", "--git-dir", gitDir, "ls-tree", "-r", "-l", "-z", commit).Output()
	if err != nil {
		return 0, fmt.Errorf("git ls-tree: %w", errors.Join(err, stderrOf(err)))
	}
	texts := texts(string(list))
	if len(texts) == 0 {
		return 0, errors.New("the commit has no texts; look at the row's commit")
	}
	if err := os.MkdirAll(filepath.Dir(into), 0o755); err != nil {
		return 0, err
	}
	part, err := os.MkdirTemp(filepath.Dir(into), filepath.Base(into)+".part")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(part)
	args := []string{"--git-dir", gitDir, "--literal-pathspecs", "archive", "--format=tar", commit, "--"}
	archive := exec.CommandContext(ctx, "git", append(args, texts...)...)
	extract := exec.CommandContext(ctx, "tar", "-x", "-C", part)
	var problems bytes.Buffer
	archive.Stderr, extract.Stderr = &problems, &problems
	if extract.Stdin, err = archive.StdoutPipe(); err != nil {
		return 0, err
	}
	if err := extract.Start(); err != nil {
		return 0, err
	}
	archived := archive.Run()
	if err := errors.Join(archived, extract.Wait()); err != nil {
		return 0, fmt.Errorf("git archive and tar: %w: %s", err, problems.String())
	}
	return len(texts), os.Rename(part, into)
}

func stderrOf(err error) error {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return errors.New(strings.TrimSpace(string(exit.Stderr)))
	}
	return nil
}

// texts returns the files to check out, from the output of git ls-tree -r -l -z:
// "MODE TYPE OBJECT SIZE\tPATH", where the size of an object that is missing is no
// number.
func texts(list string) []string {
	var paths []string
	for _, entry := range strings.Split(list, "\x00") {
		meta, name, _ := strings.Cut(entry, "\t")
		f := strings.Fields(meta)
		if len(f) != 4 || !strings.HasPrefix(f[0], "100") {
			continue
		}
		size, err := strconv.Atoi(f[3])
		ext := path.Ext(name)
		if err != nil || !slices.Contains(kinds, ext) || ext != ".py" && size > maxBytes {
			continue
		}
		paths = append(paths, name)
	}
	return paths
}
