// SPDX-License-Identifier: MIT

package modules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// scripts holds what installers write, and texts that only look like it.
var scripts = []struct {
	name, text string
	want       Entry
}{
	{"pip", `#!/venv/bin/python3
# -*- coding: utf-8 -*-
import re
import sys
from tool.cli import main
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\.pyw|\.exe)?$', '', sys.argv[0])
    sys.exit(main())
`, Entry{Module: "tool.cli", Attr: "main"}},
	{"pip, a method of a class", `#!/venv/bin/python3
import sys
from tool.cli import Command
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit(Command.run())
`, Entry{Module: "tool.cli", Attr: "Command.run"}},
	{"uv", `#!/venv/bin/python3
# -*- coding: utf-8 -*-
import sys
from tool.cli import main
if __name__ == "__main__":
    if sys.argv[0].endswith("-script.pyw"):
        sys.argv[0] = sys.argv[0][:-11]
    elif sys.argv[0].endswith(".exe"):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit(main())
`, Entry{Module: "tool.cli", Attr: "main"}},
	{"a long way to the interpreter", `#!/bin/sh
'''exec' "/a/very long/way/venv/bin/python3.11" "$0" "$@"
' '''
import sys
from tool.cli import main
if __name__ == '__main__':
    sys.exit(main())
`, Entry{Module: "tool.cli", Attr: "main"}},
	{"with a docstring", `#!/usr/bin/env python
"""Runs the tool.

import nothing
"""
import sys
from tool import main
if __name__ == '__main__':
    sys.exit(main())
`, Entry{Module: "tool", Attr: "main"}},
	{"conda", "# -*- coding: utf-8 -*-\nimport re\nimport sys\n\nfrom tool.cli import main\n\nif __name__ == '__main__':\n    sys.argv[0] = re.sub(r'(-script\\.pyw?|\\.exe)?$', '', sys.argv[0])\n    sys.exit(main())\n", Entry{Module: "tool.cli", Attr: "main"}},
	{"under another name", "from tool.cli import main as run\nimport re, sys\nraise SystemExit(run())\n", Entry{Module: "tool.cli", Attr: "main"}},
	{"zipapp", "# -*- coding: utf-8 -*-\nimport tool.cli\ntool.cli.main()\n", Entry{Module: "tool.cli", Attr: "main"}},
	{"setuptools", `#!/usr/bin/python3
# EASY-INSTALL-ENTRY-SCRIPT: 'the-tool==1.0','console_scripts','tool'
import re
import sys

# for compatibility with easy_install; see #2198
__requires__ = 'the-tool==1.0'

try:
    from importlib.metadata import distribution
except ImportError:
    try:
        from importlib_metadata import distribution
    except ImportError:
        from pkg_resources import load_entry_point


def importlib_load_entry_point(spec, group, name):
    dist_name, _, _ = spec.partition('==')
    matches = (
        entry_point
        for entry_point in distribution(dist_name).entry_points
        if entry_point.group == group and entry_point.name == name
    )
    return next(matches).load()


globals().setdefault('load_entry_point', importlib_load_entry_point)


if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\.pyw?|\.exe)?$', '', sys.argv[0])
    sys.exit(load_entry_point('the-tool==1.0', 'console_scripts', 'tool')())
`, Entry{Dist: "the-tool", Group: "console_scripts", Name: "tool"}},
	{"older setuptools", `#!/usr/bin/python
__requires__ = 'tool==1.0'
import sys
from pkg_resources import load_entry_point

if __name__ == '__main__':
    sys.exit(
        load_entry_point('tool==1.0', 'console_scripts', 'tool')()
    )
`, Entry{Dist: "tool", Group: "console_scripts", Name: "tool"}},
	{"a script of an egg", `#!/usr/bin/python
# EASY-INSTALL-SCRIPT: 'tool==1.0','tool.py'
__requires__ = 'tool==1.0'
__import__('pkg_resources').run_script('tool==1.0', 'tool.py')
`, Entry{Dist: "tool", Name: "tool.py"}},
	{"a script of a checkout", `#!/usr/bin/python
# EASY-INSTALL-DEV-SCRIPT: 'tool==1.0','tool.py'
__requires__ = 'tool==1.0'
__import__('pkg_resources').require('tool==1.0')
__file__ = '/home/u/tool/bin/tool.py'
with open(__file__) as f:
    exec(compile(f.read(), __file__, 'exec'))
`, Entry{File: "/home/u/tool/bin/tool.py"}},
	{"the same in Python 2", `#!/usr/bin/python
# EASY-INSTALL-DEV-SCRIPT: 'tool==1.0','tool.py'
__requires__ = 'tool==1.0'
from pkg_resources import require; require('tool==1.0')
del require
__file__ = '/home/u/tool/bin/tool.py'
execfile(__file__)
`, Entry{File: "/home/u/tool/bin/tool.py"}},
	{"more than a call", "import sys\nfrom tool.cli import main\nprint('x')\nsys.exit(main())\n", Entry{}},
	{"two calls", "from tool.cli import main\nmain()\nmain()\n", Entry{}},
	{"two imports", "from tool.cli import main\nfrom tool import setup\nmain()\n", Entry{}},
	{"another call", "import recipes\nfrom tool.cli import main\nmain()\n", Entry{}},
	{"arguments", "from tool.cli import main\nmain(['-j', '8'])\n", Entry{}},
	{"a name that begins the same", "from tool.cli import main\nmain2()\n", Entry{}},
	{"no call", "from tool.cli import main\n", Entry{}},
	{"a relative import", "from .cli import main\nmain()\n", Entry{}},
	{"a module that is called", "import tool\ntool()\n", Entry{}},
	{"nothing", "", Entry{}},
}

func TestEntryPoint(t *testing.T) {
	for _, s := range scripts {
		got, ok := EntryPoint([]byte(s.text))
		if diff := cmp.Diff(s.want, got); diff != "" || ok != (s.want != Entry{}) {
			t.Errorf("%s: %v\n%s", s.name, ok, diff)
		}
	}
}
