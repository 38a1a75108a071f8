// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"slurm-mp-policy/cmd/mp-policy/internal/words"
	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/policy"
)

// defaultPolicy is the site's file if plugstack.conf names no other.
var defaultPolicy = words.This.Standard("config")

// stdinName is the name of standard input in sources.
const stdinName = "stdin"

// maxPolicy bounds a policy file, in bytes.
const maxPolicy = 1 << 20

// readPolicy reads a policy file that the caller has named. Any user may own the file. "-" is
// standard input. Errors of the text are in parseErrors. The error is the reason if there is no text.
func readPolicy(name string, stdin io.Reader) (policy.Rules, parseErrors, error) {
	if name == "" {
		return policy.Rules{}, nil, errors.New("an empty name is no policy file: want its path, or - for standard input")
	}
	load := evaluation.Included(func(path string) (string, error) { return path, nil })
	if name == "-" {
		text, err := readAll("standard input", stdin)
		if err != nil {
			return policy.Rules{}, nil, err
		}
		rules, err := policy.Parse(stdinName, text, load)
		return rules, split(err), nil
	}
	// never wait for a FIFO's writer
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return policy.Rules{}, nil, fmt.Errorf("the policy file cannot be read: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return policy.Rules{}, nil, fmt.Errorf("%s is a directory: want a policy file", name)
	}
	text, err := readAll(name, f)
	if err != nil {
		return policy.Rules{}, nil, err
	}
	rules, err := policy.Parse(name, text, load)
	return rules, split(err), nil
}

func readAll(name string, r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxPolicy+1))
	if err != nil {
		return "", fmt.Errorf("the policy file cannot be read: %w", err)
	}
	if len(text) > maxPolicy {
		return "", fmt.Errorf("%s is longer than %d bytes: no policy file is", name, maxPolicy)
	}
	return string(text), nil
}

// parseErrors are the errors of a policy file's text, in its order.
type parseErrors []error

func split(err error) parseErrors {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return parseErrors{err}
}

// recordedDirectory is the value that --root takes, for messages.
const recordedDirectory = "a directory with proc/ and sys/ in it, such as mp-policy record makes"

// directory checks that an option names a directory.
func directory(option, name, want string) error {
	if name == "" {
		return fmt.Errorf("%s is empty: want %s", option, want)
	}
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("%s: %w; want %s", option, err, want)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s: %s is not a directory: want %s", option, filepath.Clean(name), want)
	}
	return nil
}
