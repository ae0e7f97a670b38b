#!/usr/bin/env bash
# Every public header stands alone, in C and in C++, without a warning.
set -euo pipefail
flags=(-Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$SHEAF_SOURCE/include" -I"$SHEAF_BUILD/generated")
count=0
for header in "$SHEAF_SOURCE"/include/sheaf/*.h; do
    name=sheaf/$(basename "$header")
    echo "#include <$name>" | "${CC:-cc}" -std=c17 "${flags[@]}" -x c -
    if command -v g++ >/dev/null; then
        echo "#include <$name>" | g++ -std=c++17 "${flags[@]}" -x c++ -
    fi
    count=$((count + 1))
done
echo "$count headers stand alone"
[ "$count" -gt 5 ]
