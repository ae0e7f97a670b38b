#!/usr/bin/env bash
# scripts/setup: silent apt-get when nothing is missing, the exact command when it may not install, and only what is
# missing when it may. dpkg-query, apt-get, sudo and id are replaced by scripts that write down how they were called.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
export CALLS=$scratch/calls ABSENT='' USER_ID=0 SUDO=1
fake() # NAME BODY
{
    printf '#!/usr/bin/env bash\n%s\n' "$2" >"$scratch/bin/$1"
    chmod +x "$scratch/bin/$1"
}
# shellcheck disable=SC2016
{
    fake dpkg-query 'for p in $ABSENT; do [ "${!#}" = "$p" ] && exit 1; done; printf installed'
    fake apt-get 'echo "apt-get $*" >>"$CALLS"'
    fake id 'echo "$USER_ID"'
    fake sudo '[ "$SUDO" = 0 ] || exit 1; shift; exec "$@"'
}
fail()
{
    echo "setup: $*"
    exit 1
}
run() # EXPECTED-STATUS ARGUMENT...
{
    local status=0 expected=$1
    shift
    : >"$CALLS"
    PATH=$scratch/bin:$PATH scripts/setup "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
    [ "$status" -eq "$expected" ] || fail "status $status, expected $expected: $(cat "$scratch/err")"
}

run 0 --dev
[ ! -s "$CALLS" ] || fail "apt-get was called with nothing missing"

ABSENT='libsleef-dev check' USER_ID=1000 run 1 --dev
grep -q '^  sudo apt-get update && sudo apt-get install -y --no-install-recommends libsleef-dev check$' "$scratch/err" ||
    fail "the command is not named: $(cat "$scratch/err")"
[ ! -s "$CALLS" ] || fail "apt-get was called without leave"

for user in "0 1" "1000 0"; do
    read -r USER_ID SUDO <<<"$user"
    ABSENT='libsleef-dev check' run 0
    printf 'apt-get update\napt-get install -y --no-install-recommends libsleef-dev\n' | diff - "$CALLS" ||
        fail "apt-get was called otherwise"
done

run 0 --list
! grep -qx check "$scratch/out" || fail "--list names a test package"
run 0 --list --dev
grep -qx check "$scratch/out" || fail "--list --dev misses a package"
run 2 --unknown
echo "setup: six cases"
