# SPDX-License-Identifier: MIT
"""The module between imports_pool.py and the pool."""

import matrix_pool


def run():
    matrix_pool.main()
