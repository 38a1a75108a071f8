// SPDX-License-Identifier: MIT

package nodeinfo

import (
	"fmt"
	"strconv"
	"strings"
)

// topology reads one of two files with the same content, the newer name since Linux 5.4, each as a
// list (since 2.6.25) or as a mask.
func (fs FS) topology(cpu int, old, name string) (Mask, error) {
	dir := cpuDir + "/cpu" + strconv.Itoa(cpu) + "/topology/"
	m, from, err := fs.maskFile(dir+old+"_list", dir+old)
	if absent(err) {
		if newer, from2, err2 := fs.maskFile(dir+name+"_list", dir+name); !absent(err2) {
			m, from, err = newer, from2, err2
		}
	}
	if err == nil && !m.Has(cpu) {
		err = fs.failed("read", from, fmt.Errorf("CPU %d is not among its own siblings", cpu))
	}
	return m, err
}

// maskFile reads a set of CPUs from the file list or, if that is missing, from the file mask. It
// returns the name of the file.
func (fs FS) maskFile(list, mask string) (m Mask, from string, err error) {
	m, err = fs.listFile(list)
	if !absent(err) {
		return m, list, err
	}
	b, err2 := fs.read(mask, maxListFile)
	if absent(err2) {
		return m, list, err
	}
	if err2 == nil {
		m, err2 = ParseHexMask(string(b))
		if err2 != nil {
			err2 = fs.failed("read", mask, err2)
		}
	}
	return m, mask, err2
}

func (fs FS) listFile(name string) (Mask, error) {
	b, err := fs.read(name, maxListFile)
	if err != nil {
		return Mask{}, err
	}
	m, err := ParseList(string(b))
	if err != nil {
		return Mask{}, fs.failed("read", name, err)
	}
	return m, nil
}

// numbered returns the numbers from the names in dir that consist of prefix and a number.
func (fs FS) numbered(dir, prefix string) (Mask, error) {
	names, err := fs.names(dir)
	if err != nil {
		return Mask{}, err
	}
	var m Mask
	for _, name := range names {
		if digits, ok := strings.CutPrefix(name, prefix); ok {
			if n, err := parseCPU(digits); err == nil {
				m.set(n, n)
			}
		}
	}
	return m, nil
}
