// SPDX-License-Identifier: MIT

package evaluation

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"slurm-mp-policy/policy"
	"slurm-mp-policy/regular"
)

// maxSite bounds a site's policy file, in bytes.
const maxSite = 1 << 20

// StandardPolicy is the site's policy file if plugstack.conf does not name another one.
// The file may be missing.
const StandardPolicy = "/etc/slurm/mp_policy.conf"

// missingPolicy returns an error if plugstack.conf names a policy file that does not
// exist.
func missingPolicy(path string) error {
	if path == "" || path == StandardPolicy {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not there: the built-in rules hold", path)
	}
	return nil
}

// Site reads the site's policy file. No file is no error: the built-in
// rules hold. A file that anybody but root could have written is refused.
func Site(path string) (policy.Rules, error) {
	if path == "" {
		return policy.Rules{}, nil
	}
	real, err := trusted(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return policy.Rules{}, nil
		}
		return policy.Rules{}, fmt.Errorf("policy file refused, the built-in rules hold: %w", err)
	}
	text, err := regular.Read(real, maxSite)
	if err != nil {
		return policy.Rules{}, fmt.Errorf("policy file not read, the built-in rules hold: %w", err)
	}
	return policy.Parse(path, text, Included(trusted))
}

// Included reads the files that a policy file includes. check returns the path to open, or an
// error with the reason if the file is refused.
func Included(check func(path string) (real string, err error)) policy.Load {
	left := int64(maxSite)
	return func(pattern string) (files []policy.File, err error) {
		names := []string{pattern}
		if strings.ContainsAny(filepath.Base(pattern), `*?[\`) {
			if _, err := check(filepath.Dir(pattern)); errors.Is(err, fs.ErrNotExist) {
				return nil, nil
			} else if err != nil {
				return nil, err
			}
			if names, err = filepath.Glob(pattern); err != nil {
				return nil, fmt.Errorf("%s: %w", pattern, err)
			}
			// as in glob(7): the lock file of an editor is not a policy file
			hidden := func(name string) bool { return strings.HasPrefix(filepath.Base(name), ".") }
			if !hidden(pattern) {
				names = slices.DeleteFunc(names, hidden)
			}
		}
		var errs []error
		for _, name := range names {
			real, err := check(name)
			if err == nil {
				var text string
				if text, err = regular.Read(real, left); err == nil {
					left -= int64(len(text))
					files = append(files, policy.File{Name: name, Text: text})
				}
			}
			if err != nil {
				errs = append(errs, err)
			}
		}
		return files, errors.Join(errs...)
	}
}

// trusted returns the path without symbolic links, which is the one to open. Root must own the
// file and every directory up to "/" of both paths, and nobody else may write to any of them.
func trusted(path string) (real string, err error) {
	if !filepath.IsAbs(path) {
		return "", fmt.Errorf("%s: not an absolute path", path)
	}
	if err := trustedParts(path); err != nil {
		return "", err
	}
	if real, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	return real, trustedParts(real)
}

func trustedParts(path string) error {
	for part := filepath.Clean(path); ; part = filepath.Dir(part) {
		info, err := os.Lstat(part)
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || stat.Uid != 0 {
			return fmt.Errorf("%s is not owned by root (chown root)", part)
		}
		if info.Mode()&os.ModeSymlink == 0 && info.Mode().Perm()&0o022 != 0 {
			return fmt.Errorf("%s has mode %04o; nobody but root may write it (chmod go-w)", part, info.Mode().Perm())
		}
		if part == "/" {
			return nil
		}
	}
}
