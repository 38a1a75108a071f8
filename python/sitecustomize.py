# SPDX-License-Identifier: MIT
# Has os.cpu_count() follow PYTHON_CPU_COUNT before Python 3.13, which does so itself,
# and then loads the sitecustomize that this one hides: docs/administrators.md.
# It is short because the Pythons of users, who cannot write its bytecode, compile it at each start.
import os
import sys

n = os.environ.get("PYTHON_CPU_COUNT", "")
# a number from 1 as 3.13 reads it, without sign and blanks
if (3,) < sys.version_info < (3, 13) and 0 < len(n) < 10 and not n.strip("0123456789") and int(n):
    n = int(n)

    def cpu_count():
        return n

    cpu_count.__module__ = "os"  # pickle looks for it there
    os.cpu_count = cpu_count

here = os.path.dirname(__file__)
if here in sys.path:  # else the search below would find this file again
    at = sys.path.index(here)
    me = sys.modules.pop(__name__)  # held, since Python 2 clears a module that is not
    del sys.path[at]
    try:
        import sitecustomize  # if there is none, its error is what Python expects
    finally:
        sys.path.insert(at, here)
