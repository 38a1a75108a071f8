# SPDX-License-Identifier: MIT
"""A program whose pool is in a module of a module."""

import imports_steps

if __name__ == "__main__":
    imports_steps.run()
