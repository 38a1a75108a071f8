// SPDX-License-Identifier: MIT

package doctor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The files about late evaluations; cshim/breaker.c and breaker.h have the same values.
const (
	breakerDir   = "/run/slurm-mp-policy"
	breakerLates = 3
	breakerPause = 300 * time.Second
)

// maxRemembered bounds the files that are looked at.
const maxRemembered = 4096

// lookAtBreaker looks at the files about late evaluations. For each late evaluation of a user there
// is a file UID.N. After the last of them the plugin leaves the user's steps alone for a while.
func (d *doctor) lookAtBreaker() {
	const what = "late evaluations"
	info, err := os.Lstat(filepath.Join(d.Prefix, breakerDir))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.add(OK, what, "", "none since the host was started")
		return
	case err != nil:
		d.add(Note, what, "run mp-policy doctor as root", "%v", err)
		return
	}
	// as open_directory in breaker.c: otherwise the files in it do not count
	const refused = "the plugin does not use %s, so that a user whose evaluations are late waits at each launch: "
	switch {
	case !info.IsDir():
		d.addCommand(Warn, what, "rm "+breakerDir, refused+"it is no directory", breakerDir)
		return
	case ownerOf(info) != d.Owner:
		d.addCommand(Warn, what, "chown root "+breakerDir, refused+"it is owned by uid %d", breakerDir, ownerOf(info))
		return
	case info.Mode().Perm()&0o077 != 0o055:
		d.addCommand(Warn, what, "chmod 0755 "+breakerDir, refused+"it has mode %04o", breakerDir, info.Mode().Perm())
		return
	}
	late, givenUp, err := d.remembered()
	switch {
	case err != nil:
		d.add(Note, what, "run mp-policy doctor as root", "%v", err)
	case len(givenUp) > 0:
		d.add(Warn, what, "look for their lines in slurmd's log; a script or a Python on a slow file system is the usual reason, and deadline= in plugstack.conf is how long a launch waits",
			"the steps of %s are left alone for now: %d evaluations in a row were late", users(givenUp), breakerLates)
	case len(late) > 0:
		d.add(Note, what, "", "some of the last %d minutes, of %s", int(breakerPause.Minutes()), users(late))
	default:
		d.add(OK, what, "", "none in the last %d minutes", int(breakerPause.Minutes()))
	}
}

// remembered returns the users with a late evaluation, and those whose steps are left alone.
func (d *doctor) remembered() (late, givenUp []int, err error) {
	dir, err := os.Open(filepath.Join(d.Prefix, breakerDir))
	if err != nil {
		return nil, nil, err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(maxRemembered)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	for _, entry := range entries {
		name, number, _ := strings.Cut(entry.Name(), ".")
		uid, err := strconv.ParseUint(name, 10, 32)
		if err != nil {
			continue
		}
		n, err := strconv.Atoi(number)
		info, infoErr := entry.Info()
		if err != nil || infoErr != nil || !info.Mode().IsRegular() || ownerOf(info) != d.Owner {
			continue // it may be gone
		}
		// a file with a time in the future is from before the clock was set back
		if age := time.Since(info.ModTime()); age < 0 || age >= breakerPause {
			continue
		}
		if !slices.Contains(late, int(uid)) {
			late = append(late, int(uid))
		}
		if n == breakerLates {
			givenUp = append(givenUp, int(uid))
		}
	}
	slices.Sort(late)
	slices.Sort(givenUp)
	return late, givenUp, nil
}

// users names the first users of a list.
func users(uids []int) string {
	const named = 5
	var list []string
	for _, uid := range uids[:min(named, len(uids))] {
		list = append(list, fmt.Sprint(uid))
	}
	text := "user " + strings.Join(list, ", ")
	if len(uids) > 1 {
		text = "users " + strings.Join(list, ", ")
	}
	if more := len(uids) - named; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
