# SPDX-License-Identifier: MIT
"""Reads the Spack package and the EasyBuild recipe without Spack and EasyBuild.

usage: recipes.py PROJECT WORK

Prints, one fact a line, what recipes_test.go looks at. make prints what it would do.
"""

import os
import re
import subprocess
import sys
import types

project, work = sys.argv[1:]
sys.dont_write_bytecode = True


def would(prefix, *args):
    """Prints each file that make would install, below the prefix."""
    text = subprocess.run(
        ["make", "-n", "-C", project, *args], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    for path in re.findall(r"install -D -m \d+ \S+ '(\S+)'", text):
        print("installs", path.replace(prefix, "PREFIX"))


def lines_of(prefix):
    """Puts the lines for plugstack.conf where make would, and returns the directory."""
    lines = os.path.join(prefix, "share/slurm-mp-policy/plugstack.conf.d")
    os.makedirs(lines)
    with open(os.path.join(project, "packaging/plugstack.conf")) as source:
        with open(os.path.join(lines, "mp_policy.conf"), "w") as line:
            line.write(source.read())
    return lines


def print_line(lines, prefix):
    with open(os.path.join(lines, "mp_policy.conf")) as line:
        print("line", re.findall("^[^#].*", line.read(), re.M)[0].replace(prefix, "PREFIX"))


class Prefix(str):
    def __getattr__(self, name):
        return Prefix(os.path.join(self, name))


def filter_file(pattern, replacement, path):
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(re.sub(pattern, replacement, text, flags=re.M))


def spack():
    prefix = Prefix(os.path.join(work, "spack"))
    package = types.ModuleType("spack.package")
    package.MakefilePackage = type("MakefilePackage", (), {})
    package.version = lambda version: print("version", version)
    package.license = lambda name: print("licence", name)
    package.depends_on = lambda spec, type=None: print("needs", spec)
    package.join_path = os.path.join
    package.filter_file = filter_file
    package.make = lambda *args: would(prefix, *args)
    sys.modules.update({"spack": types.ModuleType("spack"), "spack.package": package})
    names = {"__name__": "package"}
    with open(os.path.join(project, "packaging/spack/package.py")) as source:
        exec(compile(source.read(), "package.py", "exec"), names)
    it = names["SlurmMpPolicy"]()
    print("source", os.path.basename(it.url))
    slurm = type("Spec", (), {"prefix": Prefix("/usr")})
    it.prefix, it.spec = prefix, {"slurm": slurm}
    lines = lines_of(prefix)
    it.build(it.spec, prefix)
    it.install(it.spec, prefix)
    print_line(lines, prefix)


def easybuild():
    import shlex

    prefix = os.path.join(work, "easybuild")
    names = {"SYSTEM": "system"}
    directory = os.path.join(project, "packaging/easybuild")
    (recipe,) = os.listdir(directory)
    print("recipe", recipe)
    with open(os.path.join(directory, recipe)) as source:
        exec(compile(source.read(), recipe, "exec"), names)

    def filled(text):
        for name, value in ("name", names["name"]), ("version", names["version"]), ("installdir", prefix):
            text = text.replace("%(" + name + ")s", value)
        return text

    print("version", names["version"])
    print("source", filled(names["sources"][0]))
    for name, version in names["builddependencies"]:
        print("needs", name)
    lines = lines_of(prefix)
    would(prefix, *shlex.split(filled(names["buildopts"])))
    would(prefix, "install", *shlex.split(filled(names["installopts"])))
    for command in names["postinstallcmds"]:
        subprocess.run(filled(command), shell=True, check=True)
    for path in names["sanity_check_paths"]["files"]:
        print("looks for", path)
    print_line(lines, prefix)


for recipe in spack, easybuild:
    print(recipe.__name__)
    recipe()
