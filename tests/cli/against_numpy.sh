#!/bin/bash
# The command beside NumPy, on real files: see against_numpy.py. Exits 77 when there is no NumPy or no data.
#
#   SHEAF=build/sheaf SHEAF_CALL=build/tests/sheaf_call SHEAF_SHARED_DATA=../shared/data tests/cli/against_numpy.sh
here=$(cd "$(dirname "$0")" && pwd)
SHEAF=$(realpath "${SHEAF:-$here/../../build/release/sheaf}")
SHEAF_CALL=$(realpath "${SHEAF_CALL:-$here/../../build/tests/sheaf_call}")
export SHEAF SHEAF_CALL
data=$(realpath "${SHEAF_SHARED_DATA:-$here/../../../shared/data}" 2>/dev/null)
python=${PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import numpy' 2>/dev/null; then
    echo "skipped: $python has no numpy"
    exit 77
fi
if [ ! -d "$data/batch" ]; then
    echo "skipped: no folder of real data (set SHEAF_SHARED_DATA)"
    exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
set -e
"$SHEAF" map stats "$data"/batch/vic_elec/*.npy -o stats.csv
"$SHEAF" map mean "$data"/batch/nci60/*.npy -o mean.csv
"$SHEAF" map sqrt "$data"/batch/eraint/*.npy -o sqrt/
"$SHEAF" map sort "$data"/batch/eraint/*.npy -o sorted.npy
for name in $("$python" "$here/against_numpy.py" names); do
    "$SHEAF" map --quiet "$name" "$data"/batch/vic_elec/*.npy -o "$name.csv"
done
for name in $("$python" "$here/against_numpy.py" arrays); do
    "$SHEAF" map --quiet "$name" "$data"/batch/eraint/*.npy -o "$name/"
done
mkdir npy
for file in "$data"/npy/*.npy; do
    # A copy through the library: -(-x) is x, for every dtype here.
    "$SHEAF" map neg "$file" -o npy/
done
"$SHEAF" info --json "$data"/npy/*.npy >info.json
"$python" "$here/against_numpy.py" "$data"
