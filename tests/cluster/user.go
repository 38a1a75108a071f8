// SPDX-License-Identifier: MIT

package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// UserVariable is the environment variable with the name of an existing user for commands and tasks. Without it the user is [DefaultUser], which is
// created if it is missing, with two supplementary groups, and left in place.
const UserVariable = "MP_POLICY_TEST_USER"

// DefaultUser is the name of the ordinary user without UserVariable.
const DefaultUser = "mp-policy-test"

type account struct {
	name     string
	uid, gid int
}

// ordinaryUser finds or creates the user.
func ordinaryUser() (account, error) {
	name := os.Getenv(UserVariable)
	if name == "" {
		name = DefaultUser
		if err := createUser(name); err != nil {
			return account{}, err
		}
	}
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, fmt.Errorf("user %q: %w; set %s to an existing user", name, err, UserVariable)
	}
	a := account{name: name}
	if a.uid, err = strconv.Atoi(u.Uid); err != nil {
		return account{}, err
	}
	if a.gid, err = strconv.Atoi(u.Gid); err != nil {
		return account{}, err
	}
	if a.uid == 0 {
		return account{}, fmt.Errorf("user %q is root; set %s to an ordinary user", name, UserVariable)
	}
	return a, nil
}

// createUser creates a system user with two supplementary groups, or what is missing of it.
func createUser(name string) error {
	// useradd fails while another one runs
	lock, err := os.Open("/etc/passwd")
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return err
	}
	if len(groupsOf(name)) > 2 {
		return nil
	}
	groups := []string{name + "-a", name + "-b"}
	for _, group := range groups {
		if err := run("groupadd", "--force", "--system", group); err != nil {
			return err
		}
	}
	if _, err := user.Lookup(name); err == nil {
		return run("usermod", "--append", "--groups", strings.Join(groups, ","), name)
	}
	return run("useradd", "--system", "--user-group", "--groups", strings.Join(groups, ","),
		"--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/sh", name)
}

func run(name string, args ...string) error {
	cmd := exec.Command(findProgram(name), args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// groupsOf returns the group ids that a login of the user would have.
func groupsOf(name string) []uint32 {
	u, err := user.Lookup(name)
	if err != nil {
		return nil
	}
	ids, err := u.GroupIds()
	if err != nil {
		return nil
	}
	var groups []uint32
	for _, id := range ids {
		if n, err := strconv.ParseUint(id, 10, 32); err == nil {
			groups = append(groups, uint32(n))
		}
	}
	return groups
}
