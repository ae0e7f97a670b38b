#!/usr/bin/env bash
# Lets one call of the system, or one allocation, fail: each that a run makes, in every way it may. After that
#
#   - the run has ended, and by itself: no crash, no hang;
#   - interrupted calls and those that moved but a part of the bytes made no difference at all;
#   - with status 0 the output is that of the undisturbed run; otherwise something was said, and what stands under a final
#     name is whole, but for items that failed;
#   - with --resume it is then the output of the undisturbed run, and nothing is left beside it.
#
#   tests/crash/faults.sh [quick]     quick: as many as fit into a test, drawn by TORTURE_SEED
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.bash disable=SC1091
. "$(dirname "$0")/common.bash"
inputs 4

trials=0 failures=0
program=sheaf # whose calls fail
ways() { # CALL: how it may fail
    case $1 in
    malloc) echo ENOMEM ;;
    open) echo EIO ENOSPC EINTR EMFILE ENOMEM ;;
    read | pread) echo EIO EINTR short ;;
    write | writev | pwrite) echo EIO ENOSPC EINTR short ;;
    close) echo EIO EINTR ;;
    *) echo EIO ENOSPC EINTR ;;
    esac
}

# What stands under the names of a run that failed.
is_whole() { # OUT
    local file
    case $1 in
    *.csv)
        [ ! -e result/t.csv ] || { [ "$(wc -l <result/t.csv)" -eq "$(wc -l <quiet/t.csv)" ] &&
            ! grep -vxFf quiet/t.csv result/t.csv | grep -v ',,$'; }
        ;;
    *.npy) [ ! -e "result/$1" ] || [ "$(stat -c %s "result/$1")" -eq "$(stat -c %s "quiet/$1")" ] ;;
    */)
        for file in "result/$1"*; do
            [ ! -e "$file" ] || cmp "$file" "quiet/$1${file##*/}" || return 1
        done
        ;;
    esac
}

# Of a run that is continued: the first one is killed on its way.
begin() { # PHASE OUT ARGUMENT...
    rm -rf result
    mkdir result
    [ "$1" = first ] || ! run KILL_AT=29 -- "${@:3}" -o "result/$2" || fail "$2: the first run was to be killed"
}

trial() { # PHASE OUT CALL WAY K ARGUMENT...: false when there is no k-th call
    local phase=$1 out=$2 call=$3 way=$4 k=$5 status=0 resume=() to=(-o "result/$2")
    local what="$2, $phase run, $3 number $5: $4"
    shift 5
    begin "$phase" "$out" "$@"
    [ "$phase" = first ] || resume=(--resume)
    [ "$out" != table ] || to=()
    rm -f struck
    run DISTURB_PROGRAM=$program DISTURB_TOLD=struck FAIL_CALL="$call" FAIL_WITH="$way" FAIL_AT="$k" -- "${resume[@]}" \
        "$@" "${to[@]}" || status=$?
    [ -e struck ] || return 1
    trials=$((trials + 1))
    [ $status -le 3 ] || fail "$what: exit $status"
    [ $status -eq 0 ] || failures=$((failures + 1))
    if [ "$way" = EINTR ] || [ "$way" = short ]; then
        [ $status -eq 0 ] || fail "$what: exit $status"
    fi
    [ $status -eq 0 ] || { [ -s told ] && ! grep -q ': *;\|: *$' <(grep -v 'failed:$' told); } ||
        fail "$what: exit $status without a word"
    [ "$out" != table ] || [ $status -ne 0 ] || mv printed result/table
    if [ $status -eq 0 ]; then
        diff -r quiet result >told || fail "$what: exit 0, but other bytes"
    elif [ "$out" != table ]; then
        is_whole "$out" || fail "$what: what stands there is not whole"
        run -- --resume "$@" -o "result/$out" || fail "$what: --resume exits $?"
        diff -r quiet result >told || fail "$what: other bytes behind --resume"
    fi
}

count() { # PHASE OUT CALL ARGUMENT...: REPLY is how many calls of this name there are
    local resume=() to=(-o "result/$2")
    begin "$1" "$2" "${@:4}"
    [ "$1" = first ] || resume=(--resume)
    [ "$2" != table ] || to=()
    run DISTURB_TOLD=struck FAIL_CALL="$3" -- "${resume[@]}" "${@:4}" "${to[@]}" || fail "$2: the undisturbed run fails"
    REPLY=$(<struck)
}

calls=1 share=1 # one in so many of the kinds of calls, and of the calls of a kind
[ "${1-}" != quick ] || calls=3 share=12
torture() { # OUT ARGUMENT...
    local out=$1 phase call way k before=$trials
    shift
    rm -rf quiet
    mkdir quiet
    if [ "$out" = table ]; then
        run -- "$@" && mv printed quiet/table
    else
        run -- "$@" -o "quiet/$out"
    fi || fail "$out: the undisturbed run fails"
    for phase in first second; do
        [ "$out$phase" != tablesecond ] || continue
        for call in malloc open read pread write pwrite writev fsync fdatasync syncfs rename close ftruncate fallocate; do
            draw $calls
            [ "$REPLY" -eq 0 ] || continue
            count $phase "$out" $call "$@"
            local n=$REPLY
            for way in $(ways $call); do
                draw "$share"
                for ((k = REPLY + 1; k <= n; k += share)); do
                    trial $phase "$out" $call "$way" $k "$@" || true
                done
            done
        done
    done
    [ $trials -gt "$before" ] || [ $calls -gt 1 ] || fail "$out: nothing was tried"
    echo "faults: $out: $((trials - before)) tried"
}

torture t.csv 'mean(x), std(x)' in/*.npy
torture s.npy -x in/*.npy
torture s.npy -x large/*.npy
torture out/ -x in/*.npy
torture t.csv 'mean(x), std(x)' --each 0 rows.npy
torture s.npy -x --each 1 columns.npy
torture table 'mean(x), std(x)' in/*.npy

# The same in every worker process: its k-th call.
program=sheaf-worker
before=$trials
rm -rf quiet
mkdir quiet
run -- --isolate 'mean(x), std(x)' in/*.npy -o quiet/t.csv || fail "isolated: the undisturbed run fails"
for call in malloc open read pread close; do
    for way in $(ways $call); do
        draw "$((share < 4 ? share : 4))"
        for ((k = REPLY + 1;; k += share < 4 ? share : 4)); do
            trial first t.csv $call "$way" $k --isolate 'mean(x), std(x)' in/*.npy || break
        done
    done
done
[ $trials -gt "$before" ] || fail "nothing was tried in workers"
echo "faults: in workers: $((trials - before)) tried"
echo "faults: $trials tried, of which $failures ended a run or an item; every output whole"
