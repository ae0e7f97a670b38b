#!/usr/bin/env bash
# Kills a run at every moment between two calls that change something on disk, then the run that continues it at another
# such moment, and lets a third end. The output is then the bytes of an undisturbed run, nothing is left beside it, and
# what the journal said was done when the run was killed was not computed again.
#
#   SHEAF=build/sheaf SHEAF_SOURCE=. SHEAF_BUILD=build KILL_AT_SO=build/tests/libkill_at.so tests/crash/crash.sh [quick]
set -euo pipefail
if [ -n "${SHEAF_SANITIZE-}" ]; then
    echo "the sanitizers' runtime has to be loaded first: a preloaded library cannot be"
    exit 77
fi
SHEAF=$(realpath "$SHEAF")
SHEAF_SOURCE=$(realpath "$SHEAF_SOURCE")
SHEAF_BUILD=$(realpath "$SHEAF_BUILD")
KILL_AT_SO=$(realpath "$KILL_AT_SO")
here=$(realpath "$(dirname "$0")")
scratch=$(mktemp -d "${TMPDIR:-/dev/shm}/sheaf-crash-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export BASH_ENV='' XDG_CACHE_HOME=$scratch/cache LC_ALL=C.UTF-8 SHEAF_NUM_THREADS=2
# shellcheck disable=SC1091
. "$here/../cli/support.bash"

# counts.c: -x, in an array of the same shape, one line in the file `calls` for each item; sums.c its sum.
cat >counts.h <<'END'
#include <sys/syscall.h>
#include <fcntl.h>
#include <sheaf/plugin.h>
#include <stdio.h>
#include <unistd.h>
/* Past the preloaded library, which counts calls. */
static void count(double first)
{
    char line[32];
    int length = snprintf(line, sizeof line, "%g\n", first);
    int calls = (int)syscall(SYS_openat, AT_FDCWD, "calls", O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (syscall(SYS_write, calls, line, (size_t)length) == length)
        close(calls);
}
END
cat >negates.c <<'END'
#include "counts.h"
void negates(const double *x, double *y, size_t n)
{
    count(x[0]);
    for (size_t i = 0; i < n; i++)
        y[i] = -x[i];
}
SHEAF_ARRAY(negates);
END
cat >sums.c <<'END'
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
END
for name in negates sums; do
    "${CC:-cc}" -O1 -shared -fPIC "-I$SHEAF_SOURCE/include" "-I$SHEAF_BUILD/generated" -o $name.so $name.c
done

items=5
mkdir in large
for i in $(seq $items); do
    npy "in/$i.npy" '<f8' '(3,)' "$i" 10 "$i"
    header "large/$i.npy" "{'descr': '<f8', 'fortran_order': False, 'shape': (250000,), }"
    perl -e 'print pack("d<*", map { $_ + $ARGV[0] } 0 .. 249999)' "$i" >>"large/$i.npy"
done

deaths=0
map() { # KILL_AT ARGUMENT...
    local at=$1
    shift
    { LD_PRELOAD=$KILL_AT_SO KILL_AT=$at "$SHEAF" map "$@" >/dev/null 2>told; } 2>/dev/null
}
fail() {
    echo "crash: $*"
    cat told
    exit 1
}
done_by_journal() { # JOURNAL
    if [ -e "$1" ]; then
        "$SHEAF" info --json "$1" | sed -n 's/^ *"done": \([0-9]*\),/\1/p'
    else
        echo 0
    fi
}

# With an input in `late`, the first runs do not find it, and end with a failure.
late=
hide() { [ -z "$late" ] || [ ! -e "$late" ] || mv "$late" hidden; }
show() { [ -z "$late" ] || [ ! -e hidden ] || mv hidden "$late"; }

# Kill the first run at moment k, those that continue it at others, and let the last one end.
disturb() { # K OUT JOURNAL ARGUMENT...
    local k=$1 out=$2 journal=$3 status=0 before step end moments
    shift 3
    rm -rf result calls
    mkdir result
    hide
    map "$k" "$@" -o "result/$out" || status=$?
    [ $status -eq 137 ] || return 1
    deaths=$((deaths + 1))
    moments="$((k % 17 + 2)),0 0,0"
    [ -z "$late" ] || moments="$((k % 17 + 2)),1 0,1 $((k % 13 + 2)),0 0,0"
    for step in $moments; do
        end=${step#*,}
        [ "$end" -eq 1 ] || show
        before=$(done_by_journal "result/$journal")
        [ -n "$before" ] || fail "$out, killed at $k: the journal cannot be read"
        : >calls
        status=0
        map "${step%,*}" --resume "$@" -o "result/$out" || status=$?
        [ $status -eq "$end" ] || { [ "${step%,*}" -gt 0 ] && [ $status -eq 137 ]; } ||
            fail "$out, killed at $k, then at $step: --resume exits $status"
        [ "$(wc -l <calls)" -le $((items - before)) ] ||
            fail "$out, killed at $k: $before of $items were done, but $(wc -l <calls) computed again"
        [ $status -ne 137 ] || deaths=$((deaths + 1))
    done
    diff -r result quiet >told || fail "$out, killed at $k: other bytes than the undisturbed run"
}

torture() { # STEP OUT JOURNAL ARGUMENT...
    local step=$1 k=2 before=$deaths
    shift
    rm -rf quiet
    mkdir quiet
    map 0 "${@:3}" -o "quiet/$1" || fail "$1: the undisturbed run fails"
    while disturb $k "$@"; do
        k=$((k + step))
    done
    show
    [ "$deaths" -gt "$before" ] || fail "$1: no run was killed"
    [ -n "$late" ] || diff -r result quiet >told || fail "$1: other bytes when it is not killed"
    echo "crash: $1${late:+, one input late}: $((k / step)) moments"
}

step=1
[ "${1-}" != quick ] || step=5
torture $step t.csv t.csv.sheaf-journal -j1 ./sums.so in/*.npy
torture $step s.npy s.npy.sheaf-journal -j1 ./negates.so in/*.npy
torture $step out/ out.sheaf-journal -j1 ./negates.so in/*.npy
torture $step s.npy s.npy.sheaf-journal -j1 ./negates.so large/*.npy
torture $step 'deep/{stem}/{index}.npy' deep.sheaf-journal -j2 ./negates.so in/*.npy
torture $step t.csv t.csv.sheaf-journal -j2 --no-sync ./sums.so in/*.npy
late=in/3.npy
torture $step t.csv t.csv.sheaf-journal -j1 ./sums.so in/{1,2,3,4,5}.npy
torture $step out/ out.sheaf-journal -j1 ./sums.so in/{1,2,3,4,5}.npy
late=large/3.npy
torture $step s.npy s.npy.sheaf-journal -j1 ./negates.so large/{1,2,3,4,5}.npy
echo "crash: $deaths deaths, every output whole"
