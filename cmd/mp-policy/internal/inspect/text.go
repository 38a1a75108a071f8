// SPDX-License-Identifier: MIT

package inspect

import "fmt"

func processes(n int) string {
	if n == 1 {
		return "1 process"
	}
	return fmt.Sprintf("%d processes", n)
}
