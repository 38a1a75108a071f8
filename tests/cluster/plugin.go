// SPDX-License-Identifier: MIT

package cluster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The plugin's files, as make builds them.
const (
	shimFile   = "mp_policy.so"
	engineFile = "libmp_policy.so"
)

// InstallPlugin copies the plugin from a build directory into a directory of the
// cluster's that only root can write to, up to /, as the plugin demands, and
// returns the path of the engine there. The shim lies beside it. It can be
// called again with another build.
func (c *Cluster) InstallPlugin(buildDir string) (lib string, err error) {
	return installPlugin(buildDir, c.pluginDir)
}

// InstallPluginIn copies the plugin of a build directory into a directory that exists, of
// which the plugin demands the same, and returns its line of plugstack.conf.
func InstallPluginIn(buildDir, dir string) (line string, err error) {
	_, err = installPlugin(buildDir, dir)
	return pluginLine(dir), err
}

func installPlugin(buildDir, dir string) (lib string, err error) {
	for _, name := range []string{shimFile, engineFile} {
		if err := copyFile(filepath.Join(buildDir, name), filepath.Join(dir, name)); err != nil {
			return "", fmt.Errorf("install plugin: %w; run make", err)
		}
	}
	return filepath.Join(dir, engineFile), nil
}

// PluginLine returns the line of plugstack.conf for what InstallPlugin installed.
func (c *Cluster) PluginLine() string { return pluginLine(c.pluginDir) }

func pluginLine(dir string) string {
	return fmt.Sprintf("optional %s lib=%s\n", filepath.Join(dir, shimFile), filepath.Join(dir, engineFile))
}

// copyFile replaces a library that may be in use: by rename, never by writing
// into the file that a process has mapped.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // fails once it has been renamed
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Chmod(0o755), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), to)
}

// rootOnlyDirectory creates a directory that only root can write to, on a path of
// such directories, which /tmp is not.
func rootOnlyDirectory() (string, error) {
	var reasons []error
	// not /run: it is often mounted noexec
	for _, base := range []string{"/var/lib", "/opt", "/usr/local/lib"} {
		if err := checkRootOnly(base); err != nil {
			reasons = append(reasons, err)
			continue
		}
		dir, err := os.MkdirTemp(base, directoryPrefix)
		if err != nil {
			reasons = append(reasons, err)
			continue
		}
		return dir, os.Chmod(dir, 0o755)
	}
	return "", fmt.Errorf("no directory for the plugin that root alone can write to: %w", errors.Join(reasons...))
}

// checkRootOnly reports whether only root can write to a directory and to all above it.
func checkRootOnly(dir string) error {
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Lstat(dir)
		if err != nil {
			return err
		}
		if !info.IsDir() || info.Mode().Perm()&0o022 != 0 || ownerOf(info) != 0 {
			return fmt.Errorf("%s is %v, owner %d", dir, info.Mode(), ownerOf(info))
		}
		if dir == "/" {
			return nil
		}
	}
}
