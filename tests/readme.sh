#!/usr/bin/env bash
# Runs the README: every block marked `sh test`, in order, in one scratch folder that looks like the checkout. A block
# marked `c test NAME` becomes a file of that name. A `text output` block is what the sh block before it must print; in it,
# a line of … stands for any lines.
#
#   tests/readme.sh [BUILD [FILE.md]]     default: $SHEAF_BUILD and the README
set -euo pipefail
if [ -n "${SHEAF_SANITIZE-}" ]; then
    echo "readme: skipped, a reader's program knows no sanitizer"
    exit 77
fi
build=$(realpath "${1:-${SHEAF_BUILD:?usage: tests/readme.sh BUILD [FILE.md]}}")
cd "$(dirname "$(realpath "$0")")/.."
source=$PWD
page=$(realpath "${2:-README.md}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# blocks/NNN.sh, blocks/NNN.out, blocks/NNN.c.NAME
mkdir "$scratch/blocks" "$scratch/tree" "$scratch/home"
awk -v to="$scratch/blocks" '
    file != "" && /^```/ {close(file); file = ""; next}
    file != "" {print > file; next}
    /^```sh test/ {file = sprintf("%s/%03d.sh", to, ++n); printf "" > file; next}
    /^```c test/ {file = sprintf("%s/%03d.c.%s", to, ++n, $3); next}
    /^```text output/ {file = sprintf("%s/%03d.out", to, n); printf "" > file; next}
    /^```/ {file = "/dev/null"}' "$page"

for name in data include examples; do
    ln -s "$source/$name" "$scratch/tree/$name"
done
ln -s "$build" "$scratch/tree/build"
cd "$scratch/tree"
export HOME=$scratch/home

matches() # EXPECTED ACTUAL
{
    awk '
        NR == FNR {want[++w] = $0; next}
        {got[++g] = $0}
        END {
            j = 1
            for (i = 1; i <= w; i++) {
                if (want[i] == "…") {skip = 1; continue}
                while (skip && j <= g && got[j] != want[i]) j++
                if (j > g || got[j] != want[i]) exit 1
                j++
                skip = 0
            }
            exit !(skip || j > g)
        }' "$1" "$2"
}

run=0
environment=$scratch/environment
declare -p HOME >"$environment"
for block in "$scratch"/blocks/*; do
    case $block in
    *.c.*) cp "$block" "${block##*.c.}" ;;
    *.sh)
        run=$((run + 1))
        # A block sees what those before it exported.
        if ! bash -euo pipefail -c 'source "$1"; source "$2"; export -p >"$1"' readme "$environment" "$block" \
            >"$scratch/stdout" 2>"$scratch/stderr" </dev/null; then
            echo "readme: this block fails:"
            cat "$block" "$scratch/stdout" "$scratch/stderr"
            exit 1
        fi
        expected=${block%.sh}.out
        if [ -e "$expected" ] && ! matches "$expected" "$scratch/stdout"; then
            echo "readme: this block prints something else than the page says:"
            cat "$block"
            diff "$expected" "$scratch/stdout" || true
            exit 1
        fi
        ;;
    esac
done
[ "$run" -gt 0 ] || {
    echo "readme: no block is marked as a test"
    exit 1
}
echo "readme: $run blocks ran"
