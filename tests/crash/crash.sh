#!/usr/bin/env bash
# Kills a run at every moment between two calls that change something on disk, then the run that continues it at another
# such moment, and lets a third end. The output is then the bytes of an undisturbed run, nothing is left beside it, and
# what the journal said was done when the run was killed was not computed again.
#
#   tests/crash/crash.sh [quick]     needs what common.bash says
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.bash disable=SC1091
. "$(dirname "$0")/common.bash"
own_functions
items=5
inputs $items
export CALLS=calls

deaths=0 turn=0
map() { # KILL_AT ARGUMENT...
    run KILL_AT="$1" -- "${@:2}"
}

# With an input in `late`, the first runs do not find it, and end with a failure.
late=
hide() { [ -z "$late" ] || [ ! -e "$late" ] || mv "$late" hidden; }
show() { [ -z "$late" ] || [ ! -e hidden ] || mv hidden "$late"; }

# Kill the first run at moment k, those that continue it at others, and let the last one end.
disturb() { # K OUT JOURNAL ARGUMENT...
    local k=$1 out=$2 journal=$3 status=0 before step end moments
    shift 3
    rm -rf result calls*
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
        done_by_journal "result/$journal"
        before=$REPLY
        CALLS=calls.$((turn += 1)) # that of a worker not yet dead stays as it is
        : >$CALLS
        status=0
        map "${step%,*}" --resume "$@" -o "result/$out" || status=$?
        [ $status -eq "$end" ] || { [ "${step%,*}" -gt 0 ] && [ $status -eq 137 ]; } ||
            fail "$out, killed at $k, then at $step: --resume exits $status"
        [ "$(wc -l <$CALLS)" -le $((items - before)) ] ||
            fail "$out, killed at $k: $before of $items were done, but $(wc -l <$CALLS) computed again"
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
torture $((step * step)) t.csv t.csv.sheaf-journal -j1 ./sums.so --each 0 rows.npy
torture $((step * step)) s.npy s.npy.sheaf-journal -j2 ./negates.so --each 1 columns.npy
late=in/3.npy
torture $step t.csv t.csv.sheaf-journal -j1 ./sums.so in/{1,2,3,4,5}.npy
torture $step out/ out.sheaf-journal -j1 ./sums.so in/{1,2,3,4,5}.npy
late=large/3.npy
torture $step s.npy s.npy.sheaf-journal -j1 ./negates.so large/{1,2,3,4,5}.npy
echo "crash: $deaths deaths, every output whole"
