#!/usr/bin/env bash
# data/make_bearings.c makes the files that are checked in, byte for byte, with and without optimisation.
set -euo pipefail
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for optimise in -O0 -O3; do
    mkdir "$scratch/made"
    ${CC:-cc} -std=c17 $optimise -Wall -Wextra -Wpedantic -Werror data/make_bearings.c -o "$scratch/make_bearings"
    "$scratch/make_bearings" "$scratch/made"
    diff -r "$scratch/made" data/bearings
    rm -r "$scratch/made"
done
echo "data: 48 files are what the program makes"
