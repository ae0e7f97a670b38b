#!/usr/bin/env bash
# Installs a build into a scratch prefix, moves the prefix elsewhere, and uses it as a stranger would: the examples by
# pkg-config (shared and static), a CMake project by find_package (both), C++ by the headers, the command.
#
#   tests/install.sh [BUILD]      default: $SHEAF_BUILD
set -euo pipefail
if [ -n "${SHEAF_SANITIZE-}" ]; then
    echo "install: skipped, a stranger's program knows no sanitizer"
    exit 77
fi
build=$(realpath "${1:-${SHEAF_BUILD:?usage: tests/install.sh BUILD}}")
cd "$(dirname "$(realpath "$0")")/.."
source=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail()
{
    echo "install: $*"
    exit 1
}

cmake --install "$build" --prefix "$scratch/first" >"$scratch/log" || {
    cat "$scratch/log"
    fail "cmake --install failed"
}
mv "$scratch/first" "$scratch/moved"
prefix=$scratch/moved
pc=$(find "$prefix" -name sheaf.pc)
[ -n "$pc" ] || fail "no sheaf.pc"
PKG_CONFIG_PATH=$(dirname "$pc")
lib=$(dirname "$PKG_CONFIG_PATH")
export PKG_CONFIG_PATH LD_LIBRARY_PATH=$lib

for header in "$source"/include/sheaf/*.h; do
    [ -e "$prefix/include/sheaf/$(basename "$header")" ] || fail "$(basename "$header") is not installed"
done
[ -e "$prefix/include/sheaf/functions.h" ] || fail "functions.h is not installed"

# Names: everything that others can see begins with sheaf_.
for visible in "nm -D --defined-only $lib/libsheaf.so" "nm -g --defined-only $lib/libsheaf.a"; do
    $visible >"$scratch/names"
    others=$(awk 'NF == 3 && $3 !~ /^sheaf_/ && $2 ~ /^[A-TV-Z]$/ && n++ < 5 {print $3}' "$scratch/names")
    [ -z "$others" ] || fail "$visible shows names of others: $others"
    grep -q ' T sheaf_map$' "$scratch/names" || fail "$visible does not show sheaf_map"
done

flags=(-std=c17 -Wall -Wextra -Wpedantic -Werror -O1)
read -ra shared <<<"$(pkg-config --cflags --libs sheaf)"
read -ra static <<<"$(pkg-config --static --cflags --libs sheaf | sed 's/-lsheaf\>/-l:libsheaf.a/')"
compilers=("${CC:-gcc}")
for example in callback vector files threads; do
    for compiler in "${compilers[@]}"; do
        "$compiler" "${flags[@]}" "examples/$example.c" "${shared[@]}" -lm -pthread -o "$scratch/$example"
        "$scratch/$example" >"$scratch/out" || fail "$example, shared: $(cat "$scratch/out")"
        "$compiler" "${flags[@]}" "examples/$example.c" "${static[@]}" -lm -pthread -o "$scratch/$example"
        LD_LIBRARY_PATH='' "$scratch/$example" >"$scratch/out" || fail "$example, static: $(cat "$scratch/out")"
    done
done

mkdir "$scratch/consumer"
cat >"$scratch/consumer/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(consumer C)
find_package(Sheaf 0.2 REQUIRED)
find_package(Threads REQUIRED)
foreach(example callback vector files threads)
  add_executable(${example}_shared ${examples}/${example}.c)
  target_link_libraries(${example}_shared PRIVATE Sheaf::sheaf Threads::Threads m)
  add_executable(${example}_static ${examples}/${example}.c)
  target_link_libraries(${example}_static PRIVATE Sheaf::sheaf_static Threads::Threads m)
endforeach()
END
{
    cmake -S "$scratch/consumer" -B "$scratch/consumer/build" -DCMAKE_PREFIX_PATH="$prefix" -Dexamples="$source/examples" \
        -DCMAKE_BUILD_TYPE=Release && cmake --build "$scratch/consumer/build"
} >"$scratch/log" 2>&1 || {
    cat "$scratch/log"
    fail "the CMake project does not build"
}
for kind in shared static; do
    for example in callback vector files threads; do
        LD_LIBRARY_PATH='' "$scratch/consumer/build/${example}_$kind" >"$scratch/out" ||
            fail "$example of the CMake project, $kind: $(cat "$scratch/out")"
    done
done

if command -v g++ >/dev/null; then
    read -ra cflags <<<"$(pkg-config --cflags sheaf)"
    printf '#include <sheaf/sheaf.h>\nint main() { return sheaf_threads() < 1; }\n' >"$scratch/cpp.cc"
    g++ -std=c++17 -Wall -Wextra -Werror "$scratch/cpp.cc" "${shared[@]}" "${cflags[@]}" -o "$scratch/cpp"
    "$scratch/cpp" || fail "the C++ program fails"
fi

LD_LIBRARY_PATH='' "$prefix/bin/sheaf" --version >"$scratch/out" || fail "sheaf --version fails"
grep -q "$(pkg-config --modversion sheaf)" "$scratch/out" || fail "command and sheaf.pc differ in version"
rows=$(LD_LIBRARY_PATH='' "$prefix/bin/sheaf" map mean data/bearings/*.npy | wc -l)
[ "$rows" -eq 49 ] || fail "sheaf map gave $rows lines for 48 files"

# One's own C, compiled by the moved command and by a moved library: with the headers beside them.
echo '#include <sheaf/sheaf.h>
#include <sheaf/plugin.h>
static sheaf_status own(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user, sheaf_error *error)
{
    return sheaf_output_f64(out, (double)sheaf_view_size(x) + 0 * (user != NULL) * (double)item->index, error);
}
SHEAF_FUNCTION(own, "size");' >"$scratch/own.c"
cat >"$scratch/caller.c" <<'END'
#include <sheaf/sheaf.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    sheaf_error error;
    sheaf_func *func;
    sheaf_compile_options options;
    sheaf_compile_options_init(&options);
    options.cache = argv[argc - 1];
    if (sheaf_func_from_file(argv[1], &options, &func, &error) != SHEAF_OK)
        return 1;
    const double x[3] = {1, 2, 3};
    const sheaf_view item = sheaf_view_f64(x, 3);
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_view size;
    if (sheaf_batch_from_views(&item, 1, &batch, &error) != SHEAF_OK ||
        sheaf_map(func, batch, NULL, &results, &error) != SHEAF_OK)
        return fprintf(stderr, "%s\n", error.message), 2;
    if (sheaf_results_view(results, 0, 0, &size, &error) != SHEAF_OK || *(double *)size.data != 3)
        return 3;
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    return 0;
}
END
cat >"$scratch/cc" <<'END'
#!/bin/sh
echo "$*" >>"${0%/*}/arguments"
exec "$REAL_CC" "$@"
END
chmod +x "$scratch/cc"
export REAL_CC=${CC:-cc}
LD_LIBRARY_PATH='' CC=$scratch/cc "$prefix/bin/sheaf" map --cache "$scratch/cache" "$scratch/own.c" \
    data/bearings/bearing-05.npy >"$scratch/out" || fail "sheaf map own.c fails"
grep -q ',3072' "$scratch/out" || fail "sheaf map own.c gives $(cat "$scratch/out")"
"${compilers[0]}" "$scratch/caller.c" "${shared[@]}" -o "$scratch/caller"
CC=$scratch/cc "$scratch/caller" "$scratch/own.c" "$scratch/cache2" || fail "sheaf_func_from_file fails"
grep -v -q -- "-I $prefix/include" "$scratch/arguments" && fail "one's own C finds other headers than those installed"


# It runs in the worker program that was moved with the rest; without that, the message tells where it should be.
worker=$(find "$prefix" -name sheaf-worker -perm -u+x)
[ -n "$worker" ] || fail "sheaf-worker is not installed"
mv "$worker" "$scratch"
if "$scratch/caller" "$scratch/own.c" "$scratch/cache2" 2>"$scratch/err"; then
    fail "one's own C was not isolated"
fi
grep -q 'there is no libexec/sheaf/sheaf-worker beside the library' "$scratch/err" || fail "no worker: $(cat "$scratch/err")"
mv "$scratch/sheaf-worker" "$worker"

echo "install: 4 examples by pkg-config and by CMake, shared and static; C++; the command; one's own C"
