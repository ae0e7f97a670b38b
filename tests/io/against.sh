#!/bin/bash
# A format beside its reference reader: see against_FORMAT.py. Exits 77 when Python has no such MODULE.
#
#   SHEAF=build/sheaf SHEAF_DUMP=build/tests/dump_file tests/io/against.sh FORMAT MODULE
here=$(cd "$(dirname "$0")" && pwd)
SHEAF=$(realpath "${SHEAF:-$here/../../build/sheaf}")
SHEAF_DUMP=$(realpath "${SHEAF_DUMP:-$here/../../build/tests/dump_file}")
export SHEAF SHEAF_DUMP
data=$(realpath "${SHEAF_SHARED_DATA:-$here/../../../shared/data}" 2>/dev/null)
python=${PYTHON:-/usr/bin/python3}
if ! "$python" -c "import $2" 2>/dev/null; then
    echo "skipped: $python has no $2"
    exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" && "$python" -B -u "$here/against_$1.py" "$data"
