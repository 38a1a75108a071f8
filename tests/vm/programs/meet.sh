#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: meet.sh NAME OTHER COMMAND...
#
# Runs a command when the script that has the names the other way round has started, too.
touch "/tmp/meet.$1"
until [ -e "/tmp/meet.$2" ]; do sleep 1; done
shift 2
exec "$@"
