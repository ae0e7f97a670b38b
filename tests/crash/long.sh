#!/usr/bin/env bash
# A long run: the .npy files of a folder listed 100 times over, killed 50 times at random moments, and continued each time.
# The table is that of the undisturbed run, and what the journal had at a kill was never computed again.
#
#   tests/crash/long.sh [DIRECTORY]     default: data/bearings. TORTURE_SEED draws the moments
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.bash disable=SC1091
. "$(dirname "$0")/common.bash"
folder=$(realpath "${1:-$SHEAF_SOURCE/data/bearings}")

kills=${TORTURE_LONG_KILLS:-50}
find "$folder" -name '*.npy' | sort >once
for _ in {1..100}; do cat once; done >list
items=$(wc -l <list)
[ "$items" -gt 0 ] || fail "no .npy in $folder"
map=('mean(x), std(x), median(x)' --files-from list)
mkdir quiet result
microseconds
from=$REPLY
run DISTURB_CLOCK=real -- "${map[@]}" -o quiet/t.csv || fail "the undisturbed run fails"
microseconds
last=$((REPLY - from))
[ "$(wc -l <quiet/t.csv)" -eq $((items + 1)) ] || fail "the undisturbed run lost items"

# A run that ends before it is killed has to be right too, and another one begins.
struck=0 ended=0 before=0 most=0
while [ $struck -lt "$kills" ]; do
    status=0
    draw $((last / 2))
    run DISTURB_CLOCK=real SIGNALS="9@$REPLY" -- --resume "${map[@]}" -o result/t.csv || status=$?
    done_by_journal result/t.csv.sheaf-journal
    case $status in
    137)
        struck=$((struck + 1))
        [ "$REPLY" -ge "$before" ] || fail "$before items were done, and $REPLY are after another run"
        before=$REPLY
        [ "$before" -le "$most" ] || most=$before
        ;;
    0)
        diff -r result quiet >told || fail "other bytes than the undisturbed run"
        rm result/*
        ended=$((ended + 1)) before=0
        ;;
    *) fail "exit $status" ;;
    esac
done
run DISTURB_CLOCK=real -- --resume "${map[@]}" -o result/t.csv || fail "the last --resume exits $?"
diff -r result quiet >told || fail "other bytes than the undisturbed run"
[ "$most" -gt 0 ] || fail "every run was killed before it had done anything"
echo "long: $items items, $((last / 1000)) ms undisturbed; $struck kills, up to $most items behind one; $((ended + 1)) tables of the same bytes"
