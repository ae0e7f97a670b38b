#!/bin/bash
# Random programs beside NumPy 2 (programs.py); exits 77 where there is none: benchmarks/peers/setup installs it.
#
#   SHEAF_BUILD=build [PROGRAMS=1000] [SEED=1] tests/lang/against_numpy.sh
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${SHEAF_BUILD:-$here/../../build}")
python=${PYTHON:-$here/../../benchmarks/peers/venv/bin/python}
if ! "$python" -c 'import numpy, scipy, pandas; assert int(numpy.__version__.split(".")[0]) >= 2' 2>/dev/null; then
    echo "skipped: $python has no NumPy 2, SciPy and pandas (benchmarks/peers/setup installs them)"
    exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
set -e
for shape in 5,7 1,1 40,130; do
    "$python" -B "$here/programs.py" make "$scratch" -n "${PROGRAMS:-400}" --seed "${SEED:-1}" --shape "$shape"
    "$build/tests/run_programs" "$scratch"
    "$python" -B "$here/programs.py" compare "$scratch"
done
