# What the scripts of this folder share; sourced behind `set -euo pipefail`. They need
#
#   SHEAF=build/sheaf SHEAF_SOURCE=. SHEAF_BUILD=build DISTURB_SO=build/tests/libdisturb.so
#
# and take from the environment TORTURE_SEED (1).
if [ -n "${SHEAF_SANITIZE-}" ]; then
    echo "the sanitizers' runtime has to be loaded first: a preloaded library cannot be"
    exit 77
fi
SHEAF=$(realpath "$SHEAF")
SHEAF_SOURCE=$(realpath "$SHEAF_SOURCE")
SHEAF_BUILD=$(realpath "$SHEAF_BUILD")
DISTURB_SO=$(realpath "$DISTURB_SO")
scratch=$(mktemp -d "${TMPDIR:-/dev/shm}/sheaf-crash-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export BASH_ENV='' XDG_CACHE_HOME=$scratch/cache LC_ALL=C.UTF-8 SHEAF_NUM_THREADS=2
# shellcheck source=tests/cli/support.bash disable=SC1091
. "$SHEAF_SOURCE/tests/cli/support.bash"

this=$(basename "$0" .sh)
RANDOM=${TORTURE_SEED:-1}
draw() { REPLY=$(((RANDOM * 32768 + RANDOM) % $1)); } # N: REPLY is one of 0 … N - 1
microseconds() { REPLY=$((${EPOCHREALTIME/./})); }

fail() {
    echo "$this: $*"
    cat told
    exit 1
}

# Runs `sheaf map ARGUMENT...`, disturbed as the variables ASSIGNMENT... say, up to --. Its status; `told` is what it said,
# `printed` its output. One that hangs for two minutes is killed.
run() { # ASSIGNMENT... -- ARGUMENT...
    local how=()
    while [ "$1" != -- ]; do
        how+=("$1")
        shift
    done
    shift
    { timeout --foreground 120 env "${how[@]}" LD_PRELOAD="$DISTURB_SO" "$SHEAF" map "$@" >printed 2>told; } 2>/dev/null
}

# negates.so: -x, in an array of the same shape, one line in the file that CALLS names for each item; sums.so its sum.
own_functions() {
    local name
    cat >counts.h <<'EOF'
#include <fcntl.h>
#include <sheaf/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
/* Past the preloaded library, which counts calls. */
static void count(double first)
{
    char line[32];
    int length = snprintf(line, sizeof line, "%g\n", first);
    int calls = (int)syscall(SYS_openat, AT_FDCWD, getenv("CALLS"), O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (syscall(SYS_write, calls, line, (size_t)length) == length)
        syscall(SYS_close, calls);
}
EOF
    cat >negates.c <<'EOF'
#include "counts.h"
void negates(const double *x, double *y, size_t n)
{
    count(x[0]);
    for (size_t i = 0; i < n; i++)
        y[i] = -x[i];
}
SHEAF_ARRAY(negates);
EOF
    cat >sums.c <<'EOF'
#include "counts.h"
double sums(const double *x, size_t n)
{
    double sum = 0;
    count(x[0]);
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}
SHEAF_SCALAR(sums);
EOF
    for name in negates sums; do
        "${CC:-cc}" -O1 -shared -fPIC "-I$SHEAF_SOURCE/include" "-I$SHEAF_BUILD/generated" -o $name.so $name.c
    done
}

# in/1.npy … in/N.npy of three doubles each; large/1.npy … large/5.npy, of which a stack is larger than the journal takes.
# rows.npy and columns.npy: of N slices each, along the first and the last axis, as those.
inputs() { # N
    mkdir in large
    perl -e '
        sub array {
            my ($file, $shape, @values) = @_;
            my $header = "{\x27descr\x27: \x27<f8\x27, \x27fortran_order\x27: False, \x27shape\x27: ($shape,), }";
            $header .= " " x (117 - length $header) . "\n";
            open my $out, ">:raw", $file or die "$file: $!";
            print $out "\x93NUMPY\x01\x00", pack("S<", 118), $header, pack("d<*", @values);
        }
        array("in/$_.npy", 3, $_, 10, $_) for 1 .. $ARGV[0];
        array("rows.npy", "$ARGV[0], 3", map { ($_, 10, $_) } 1 .. $ARGV[0]);
        array("columns.npy", "250000, $ARGV[0]", 1 .. 250000 * $ARGV[0]);
        for my $k (1 .. 5) { array("large/$k.npy", 250000, map { $_ + $k } 0 .. 249999) }' "$1"
}

done_by_journal() { # JOURNAL: REPLY is how many items are done
    REPLY=0
    [ ! -e "$1" ] || REPLY=$("$SHEAF" info --json "$1" | sed -n 's/^ *"done": \([0-9]*\),/\1/p')
    [ -n "$REPLY" ] || fail "$1 cannot be read"
}
