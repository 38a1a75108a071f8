// SPDX-License-Identifier: MIT

// Package vm tests the plugin on a compute node like those that sites have: systemd, cgroup
// v2, hardware threads, two sockets and two NUMA nodes. The node is a virtual machine, which
// QEMU emulates in software, so it needs no virtualization of the host.
//
// Only "make test-vm" runs it: it takes a quarter of an hour. See vm_test.go.
package vm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Topology of the node, in QEMU's words: 16 CPUs, numbered by QEMU so that the threads of a
// core are neighbours.
var topology = []string{
	"-smp", "16,sockets=2,cores=4,threads=2", "-m", "6G",
	"-object", "memory-backend-ram,id=m0,size=3G", "-object", "memory-backend-ram,id=m1,size=3G",
	"-numa", "node,nodeid=0,cpus=0-7,memdev=m0", "-numa", "node,nodeid=1,cpus=8-15,memdev=m1",
}

// CPUs is the number of CPUs of the node.
const CPUs = 16

// bootLimit is how long a node may take until ssh answers. A quiet host of two CPUs takes
// 100 s.
const bootLimit = 20 * time.Minute

// kernelWords are the kernel's parameters.
const kernelWords = "root=/dev/vda rw console=ttyS0 quiet mitigations=off audit=0 nokaslr panic=-1"

// Machine is a running node.
type Machine struct {
	root string // the directory of the system, which has the kernel and the key
	dir  string // for the files of this run: they stay
	port int    // of ssh, on the host's loopback
	qemu *exec.Cmd
	done chan struct{} // closed when QEMU has ended
}

// boots is how often a node is started whose kernel panics. QEMU's emulation by several
// threads sometimes lets a CPU see half of the code that the kernel changes ("Oops: int3").
const boots = 3

// quiet has the kernel change its code for the limits of cgroups while nothing else runs.
var quiet = fmt.Sprintf("systemctl is-system-running --wait; "+
	"systemd-run -q --unit=limits -p CPUQuota=1000%% -p AllowedCPUs=0-%d -p MemoryMax=5G sleep infinity", CPUs-1)

// Boot starts a node from the disk image of the system in the directory root, with Slurm. The
// image stays as it is. table is an ACPI table that replaces the firmware's, or nil. Boot returns
// when Slurm takes jobs.
func Boot(root, image, dir string, table []byte) (*Machine, error) {
	for i := range boots {
		own := filepath.Join(dir, strconv.Itoa(i+1))
		if err := os.Mkdir(own, 0o755); err != nil {
			return nil, err
		}
		m, err := boot(root, image, own, table)
		if err != nil {
			return nil, err
		}
		if err = m.startSlurm(); err == nil {
			return m, nil
		}
		ended := m.Ended()
		m.Stop()
		if !ended {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the node has ended %d times: see %s", boots, dir)
}

func (m *Machine) startSlurm() error {
	if err := m.await(bootLimit); err != nil {
		return err
	}
	for _, command := range []string{quiet, "systemctl start slurmctld slurmd", slurmIdle} {
		if out, err := m.Run(bootLimit, command); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
	return nil
}

// slurmIdle waits until Slurm takes jobs.
const slurmIdle = "until sinfo -h -o %t 2>/dev/null | grep -qx idle; do sleep 1; done"

func boot(root, image, dir string, table []byte) (*Machine, error) {
	kernel, err := newest(filepath.Join(root, "boot/vmlinuz-*"))
	if err != nil {
		return nil, err
	}
	initrd, err := newest(filepath.Join(root, "boot/initrd.img-*"))
	if err != nil {
		return nil, err
	}
	if table != nil {
		text, err := os.ReadFile(initrd)
		if err != nil {
			return nil, err
		}
		initrd = filepath.Join(dir, "initrd")
		if err := os.WriteFile(initrd, append(tableArchive(table), text...), 0o600); err != nil {
			return nil, err
		}
	}
	m := &Machine{root: root, dir: dir, done: make(chan struct{})}
	if m.port, err = freePort(); err != nil {
		return nil, err
	}
	output, err := os.Create(filepath.Join(dir, "qemu.log"))
	if err != nil {
		return nil, err
	}
	defer output.Close()
	arguments := append([]string{
		"-M", "q35", "-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max", "-display", "none", "-nodefaults", "-no-reboot",
		"-kernel", kernel, "-initrd", initrd,
		"-append", kernelWords,
		"-drive", "file=" + image + ",if=virtio,format=raw,cache=unsafe,snapshot=on",
		"-netdev", fmt.Sprintf("user,id=n0,hostfwd=tcp:127.0.0.1:%d-:22", m.port), "-device", "virtio-net-pci,netdev=n0,romfile=",
		"-device", "virtio-rng-pci", "-serial", "file:" + m.console(),
	}, topology...)
	m.qemu = exec.Command("qemu-system-x86_64", arguments...)
	m.qemu.Stdout, m.qemu.Stderr = output, output
	// A killed test must not leave an emulator that uses all CPUs.
	m.qemu.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := m.qemu.Start(); err != nil {
		return nil, fmt.Errorf("%w; tests/install-deps vm installs QEMU", err)
	}
	go func() {
		m.qemu.Wait()
		close(m.done)
	}()
	return m, nil
}

// newest returns the last of the files that match a pattern. There is one kernel at least.
func newest(pattern string) (string, error) {
	files, err := filepath.Glob(pattern)
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no file matches %s: remove the system and make it again", pattern)
	}
	if err != nil {
		return "", err
	}
	return files[len(files)-1], nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func (m *Machine) console() string { return filepath.Join(m.dir, "console.log") }

// await waits until ssh answers.
func (m *Machine) await(limit time.Duration) error {
	end := time.Now().Add(limit)
	for time.Now().Before(end) {
		if m.Ended() {
			return fmt.Errorf("QEMU has ended: see %s and %s", m.console(), filepath.Join(m.dir, "qemu.log"))
		}
		if _, err := m.Run(30*time.Second, "true"); err == nil {
			return nil
		}
		time.Sleep(2 * time.Second)
	}
	return fmt.Errorf("the node did not answer ssh within %v: see %s", limit, m.console())
}

// Run runs a shell command as root on the node, and returns what it wrote to stdout and
// stderr.
func (m *Machine) Run(limit time.Duration, command string) (string, error) {
	c, cancel := m.command(limit, command)
	defer cancel()
	out, err := c.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w", command, err)
	}
	return string(out), err
}

// command is the ssh of Run. One connection is kept for all: an emulated machine takes
// seconds to make one.
func (m *Machine) command(limit time.Duration, command string) (*exec.Cmd, context.CancelFunc) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), limit, errors.New("time is up"))
	c := exec.CommandContext(ctx, "ssh", "-q", "-i", filepath.Join(m.root, "root/.ssh/id_ed25519"), "-p", strconv.Itoa(m.port),
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20",
		"-o", "ControlMaster=auto", "-o", "ControlPath="+filepath.Join(m.dir, "ssh"), "-o", "ControlPersist=1800",
		"-o", "ServerAliveInterval=60", "-o", "ServerAliveCountMax=20", "root@127.0.0.1", command)
	c.WaitDelay = 5 * time.Second // the kept connection has the same stderr
	return c, cancel
}

// Ended reports whether the node has stopped by itself: its kernel has panicked. The connection
// to it may have ended a moment before.
func (m *Machine) Ended() bool {
	select {
	case <-m.done:
		return true
	case <-time.After(time.Second):
		return false
	}
}

// Stop ends the node, without a shutdown: nothing of it is kept.
func (m *Machine) Stop() {
	exec.Command("ssh", "-q", "-O", "exit", "-o", "ControlPath="+filepath.Join(m.dir, "ssh"), "root@127.0.0.1").Run()
	m.qemu.Process.Kill()
	<-m.done
}
