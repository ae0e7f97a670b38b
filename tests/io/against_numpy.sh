#!/bin/bash
# Formats beside NumPy: see against_numpy.py. Exits 77 when there is no NumPy.
#
#   SHEAF=build/sheaf SHEAF_DUMP=build/tests/dump_file tests/io/against_numpy.sh
here=$(cd "$(dirname "$0")" && pwd)
SHEAF=$(realpath "${SHEAF:-$here/../../build/sheaf}")
SHEAF_DUMP=$(realpath "${SHEAF_DUMP:-$here/../../build/tests/dump_file}")
export SHEAF SHEAF_DUMP
data=$(realpath "${SHEAF_SHARED_DATA:-$here/../../../shared/data}" 2>/dev/null)
python=${PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import numpy' 2>/dev/null; then
    echo "skipped: $python has no numpy"
    exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" && "$python" -u "$here/against_numpy.py" "$data"
