# SPDX-License-Identifier: MIT
"""Additions in one process with one thread."""

import time

import pieces


def main():
    given = pieces.options("Add numbers.")
    start = time.perf_counter()
    for _ in range(given.pieces):
        sum(n * n for n in range(400_000))
    pieces.show(given, time.perf_counter() - start)


if __name__ == "__main__":
    main()
