#!/bin/bash
# CSV and Matrix Market beside Python's own csv module and float(): see against_tables.py. Exits 77 without Python, or
# without the real files.
#
#   SHEAF_DUMP=build/tests/dump_file tests/io/against_tables.sh
here=$(cd "$(dirname "$0")" && pwd)
SHEAF_DUMP=$(realpath "${SHEAF_DUMP:-$here/../../build/tests/dump_file}")
export SHEAF_DUMP
data=$(realpath "${SHEAF_SHARED_DATA:-$here/../../../shared/data}" 2>/dev/null)
python=${PYTHON:-/usr/bin/python3}
if ! "$python" -c '' 2>/dev/null; then
    echo "skipped: no $python"
    exit 77
fi
if ! [ -d "$data/csv" ] || ! [ -d "$data/mtx" ]; then
    echo "skipped: no real files in $data (SHEAF_SHARED_DATA)"
    exit 77
fi
exec "$python" -u "$here/against_tables.py" "$data"
