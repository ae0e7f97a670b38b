#!/usr/bin/env bash
# Damages the journal of an unfinished run: cut at every byte, and a bit flipped in every byte. A cut one is continued, as
# what a crash leaves; a flipped one is refused with a word (status 2 or 3), or, where the flip is in what a crash may tear,
# continued. Either way the output is that of the undisturbed run or does not exist, `sheaf info` ends by itself, and
# --force starts over.
#
#   tests/crash/damage.sh [quick]     quick: every 60th byte. TORTURE_SEED draws the bits
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.bash disable=SC1091
. "$(dirname "$0")/common.bash"
inputs 4

step=1
[ "${1-}" != quick ] || step=60
map=(-j1 'mean(x), std(x)' in/*.npy -o result/t.csv)
mkdir result
run -- "${map[@]}" || fail "the undisturbed run fails"
mv result quiet
mkdir result
! run KILL_AT=27 -- "${map[@]}" || fail "the run was to be killed"
cp result/t.csv.sheaf-journal journal
size=$(stat -c %s journal)
done_by_journal result/t.csv.sheaf-journal
[ "$REPLY" -gt 0 ] || fail "no item is in the journal: it would prove nothing"

refusals=0
check() { # WHAT
    local status=0
    "$SHEAF" info result/t.csv.sheaf-journal >told 2>&1 || status=$?
    [ $status -le 3 ] || fail "$1: info exits $status"
    status=0
    run -- --resume "${map[@]}" || status=$?
    case $status in
    0) ;;
    2 | 3)
        [ "${1%% *}" = flipped ] || fail "$1: refused"
        grep -q 'sheaf-journal' told || fail "$1: refused without naming the journal"
        refusals=$((refusals + 1))
        [ ! -e result/t.csv ] || fail "$1: refused, but written"
        ! grep -q 'move it away' told || rm result/t.csv.sheaf-journal # what is not known to be a journal is the user's
        run -- --force "${map[@]}" || fail "$1: --force exits $?"
        ;;
    *) fail "$1: exit $status" ;;
    esac
    diff -r result quiet >told || fail "$1: other bytes than the undisturbed run"
}

damage() { # PERL...: a new result folder with the journal that the program made of it
    rm -rf result
    mkdir result
    perl -0777 -pe "$1" journal >result/t.csv.sheaf-journal
}

for ((k = 0; k < size; k += step)); do
    damage "substr(\$_, $k) = ''"
    check "cut to $k of $size bytes"
    draw 8
    damage "substr(\$_, $k, 1) ^= chr(1 << $REPLY)"
    check "flipped bit $REPLY of byte $k of $size"
done
[ $refusals -gt 0 ] || fail "no flip was refused"
echo "damage: a journal of $size bytes, cut and flipped at $(((size + step - 1) / step)) of them; $refusals refused, none believed"
