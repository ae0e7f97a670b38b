#!/usr/bin/env bash
# Kills runs at random moments, and those that continue them, and tells them to stop at others (SIGINT, SIGTERM, both):
# timers of the preloaded library send the signals. Then two runs at once on one output, one of which is killed. In the end
# the output is that of an undisturbed run, nothing is left beside it, and nothing that the journal had was done twice.
#
#   tests/crash/moments.sh [quick]     500 signals, 1000 kills; quick: some of them. TORTURE_SEED draws
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.bash disable=SC1091
. "$(dirname "$0")/common.bash"
own_functions
inputs 40
export CALLS=calls

kills=${TORTURE_KILLS:-1000} stops=${TORTURE_STOPS:-500} pairs=${TORTURE_PAIRS:-200}
[ "${1-}" != quick ] || kills=16 stops=12 pairs=6
deaths=0 drained=0 turn=0 refused=0

# The kinds of output that are tried in turn: name, journal, function, inputs, options.
kinds=('t.csv t.csv.sheaf-journal ./sums.so in --no-isolate' 's.npy s.npy.sheaf-journal ./negates.so large -j2'
    'out/ out.sheaf-journal ./negates.so in --no-isolate' 't.csv t.csv.sheaf-journal ./sums.so in -j2'
    's.npy s.npy.sheaf-journal ./negates.so in --no-isolate' 's.npy s.npy.sheaf-journal ./negates.so large --no-isolate')
lasts=() # how long the undisturbed run of each takes, in microseconds
choose() { # KIND
    local function folder option
    read -r out journal function folder option <<<"${kinds[$1]}"
    map=("$option" "$function" "$folder"/*.npy -o "result/$out")
    total=$(find "$folder" -name '*.npy' | wc -l)
    quiet=quiet$1
    last=${lasts[$1]-}
}

fresh() {
    rm -rf result calls*
    mkdir result
}

# One run that continues, or begins, disturbed so; no item that was done before is computed again.
go_on() { # ASSIGNMENT
    done_by_journal "result/$journal"
    local before=$REPLY
    CALLS=calls.$((turn += 1)) # that of a worker not yet dead stays as it is
    : >$CALLS
    status=0
    run "$1" -- --resume "${map[@]}" || status=$?
    [ "$(wc -l <$CALLS)" -le $((total - before)) ] ||
        fail "$out, $1: $before of $total were done, but $(wc -l <$CALLS) computed again"
}

ends_quiet() { # WHAT
    go_on KILL_AT=0
    [ $status -eq 0 ] || fail "$1: the last --resume exits $status"
    diff -r result "$quiet" >told || fail "$1: other bytes than the undisturbed run"
}

for kind in "${!kinds[@]}"; do
    choose "$kind"
    fresh
    microseconds
    from=$REPLY
    run -- "${map[@]}" || fail "$out: the undisturbed run fails"
    microseconds
    lasts[kind]=$((REPLY - from))
    mv result "$quiet"
done

for ((i = 0; i < kills; i += 2)); do # each round has two
    choose $((i / 2 % ${#kinds[@]}))
    fresh
    what="$out"
    for _ in 1 2; do
        draw "$last"
        what="$what, killed after $REPLY µs"
        go_on SIGNALS="9@$REPLY"
        [ $status -eq 0 ] || [ $status -eq 137 ] || fail "$what: exit $status"
        [ $status -eq 0 ] || deaths=$((deaths + 1))
    done
    ends_quiet "$what"
done
echo "moments: $kills kills set, $deaths struck"

for ((i = 0; i < stops; i++)); do
    choose $((i % ${#kinds[@]}))
    fresh
    draw "$last"
    when=$REPLY
    draw 2000
    case $((i % 4)) in
    0) signals=2@$when ;;
    1) signals=15@$when ;;
    2) signals=2@$when,15@$((when + REPLY)) ;;
    3) signals=2@$when,2@$((when + REPLY)) ;;
    esac
    go_on SIGNALS="$signals"
    case $status in
    0) ;;
    130 | 143) [ ! -s told ] || drained=$((drained + 1)) ;;
    *) fail "$out, signals $signals: exit $status" ;;
    esac
    ends_quiet "$out, signals $signals"
done
echo "moments: $stops signals set, $drained runs told how to continue"

# Two at once: whoever has the journal works, the other is refused (status 3) or comes when all is done.
for ((i = 0; i < pairs; i++)); do
    choose $((i % ${#kinds[@]}))
    fresh
    draw $((2 * last))
    CALLS=calls
    : >calls
    (
        one=0
        run SIGNALS="9@$REPLY" -- --resume "${map[@]}" || one=$?
        echo $one >one
    ) &
    other=0
    LD_PRELOAD=$DISTURB_SO "$SHEAF" map --resume "${map[@]}" >/dev/null 2>other || other=$?
    wait $!
    one=$(<one)
    case $one,$other in
    0,0) ;;
    0,3 | 3,0 | 137,0 | 137,3) refused=$((refused + (one == 3 || other == 3))) ;;
    *) fail "two runs on $out: exit $one and $other" ;;
    esac
    [ "$one" -eq 137 ] || [ "$(sort calls | uniq -d | wc -l)" -eq 0 ] || fail "two runs on $out: items were computed twice"
    ends_quiet "two runs on $out"
done
echo "moments: $pairs pairs of runs on one output, $refused of them refused one"
