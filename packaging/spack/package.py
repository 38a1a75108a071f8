# SPDX-License-Identifier: MIT
#
# Put this file into packages/slurm-mp-policy (packages/slurm_mp_policy for a repository of
# Spack 1) of a repository of your own, and what "make dist" makes into the directory in
# which you call
#
#     spack install --no-checksum slurm-mp-policy ^slurm@22-05-8
#
# with Slurm as an external package: the plugin works only with the major.minor that it
# was built for.
#
# The plugin, the engine and every directory above them must be root's, and writable by
# root only; slurmd's log names what is not. A tree that another user installs
# software into is refused therefore: install as root, or use the rpm or deb package.

import os

from spack.package import *

try:
    from spack_repo.builtin.build_systems.makefile import MakefilePackage
except ImportError:  # before Spack 1 it is one of the names of spack.package
    pass


class SlurmMpPolicy(MakefilePackage):
    """Slurm plugin that makes Python multiprocessing right: it puts the right thread,
    affinity and fork-mode variables into the environment of each task."""

    homepage = "https://slurm.schedmd.com/spank.html"
    url = "file://{0}/slurm-mp-policy-0.1.0.tar.gz".format(os.getcwd())
    manual_download = True

    license("MIT")

    version("0.1.0")

    depends_on("c", type="build")
    depends_on("gmake", type="build")
    depends_on("go@1.25:", type="build")
    depends_on("slurm")

    # mp_policy.so has no symbol of libslurm: they come from the program that loads it
    unresolved_libraries = ["libslurm.so*"]

    def setup_build_environment(self, env):
        # the archive has the Go modules in vendor/, so nothing is fetched
        env.set("GOFLAGS", "-mod=vendor -buildvcs=false")
        env.set("GOPROXY", "off")
        env.set("GOTOOLCHAIN", "local")

    def directories(self):
        return [
            "WERROR=",
            "CPPFLAGS=-I{0}".format(self.spec["slurm"].prefix.include),
            "PREFIX={0}".format(self.prefix),
            "SYSCONFDIR={0}".format(self.prefix.etc),
            "SLURM_PLUGINDIR={0}".format(self.plugins),
        ]

    @property
    def plugins(self):
        return join_path(self.prefix.lib, "slurm")

    def build(self, spec, prefix):
        make("all", "licences", *self.directories())

    def install(self, spec, prefix):
        make("install", *self.directories())
        # Slurm does not look for plugins here
        lines = join_path(prefix.share, "slurm-mp-policy", "plugstack.conf.d")
        for name in os.listdir(lines):
            filter_file(
                r"^optional mp_policy\.so",
                "optional {0}".format(join_path(self.plugins, "mp_policy.so")),
                join_path(lines, name),
            )
