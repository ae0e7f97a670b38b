#!/usr/bin/env bash
# Holds the dependency law (CONTRIBUTING.md): who may include whom, and what the library must never call.
#
#   tests/layers.sh         plant a violation of each kind in a scratch tree and see it caught, then check this tree
#   tests/layers.sh ROOT    check the tree at ROOT
set -euo pipefail

# What each room of src/ may include, besides itself.
declare -A may=(
    [base]=""
    [kernels]="base"
    [array]="kernels base"
    [par]="base"
    [blas]="par array base"
    [ops]="kernels blas par array base"
    [lang]="ops par array base"
    [io]="kernels array base"
    [plugin]="array base"
    [worker]="base"
    [accum]="ops par array base"
    [batch]="lang ops io plugin worker accum par array base"
    [child]="batch lang ops io plugin worker par array base"
    [cli]=""
    [serve]=""
    [simulate]="batch par base"
)
# The room that a public header speaks for. cli, serve, examples and benchmarks may include all of them.
declare -A speaks_for=(
    [config]=base [status]=base [array]=array [options]=ops [func]=ops [functions]=ops [machine]=ops [io]=io [map]=batch
    [plugin]=plugin
    [sheaf]=nobody
)
vendor_of_blas='cblas.h|lapacke.h|lapack.h|fftw3.h|openblas_config.h'
team_pragma='omp[ \t]+(parallel|teams|target|task|taskloop|sections|for|single|master|masked)'
# asprintf and dprintf allocate or write; snprintf is fine.
forbidden='printf|fprintf|vprintf|vfprintf|dprintf|asprintf|puts|fputs|putchar|perror|exit|_exit|_Exit|quick_exit|abort'
forbidden+='|setenv|unsetenv|putenv|clearenv|system|popen|fork|vfork|daemon|signal|setlocale'
allocators='malloc|calloc|realloc|reallocarray|strdup|strndup|aligned_alloc|posix_memalign|memalign'

violations=0
violation() # FILE TEXT
{
    printf '%s: %s\n' "$1" "$2"
    violations=$((violations + 1))
}

# Sets `room` for a path below ROOT.
set_room() # PATH
{
    case $1 in
    src/*/*)
        room=${1#src/}
        room=${room%%/*}
        ;;
    benchmarks/simulate/*) room=simulate ;;
    examples/* | benchmarks/*) room=${1%%/*} ;;
    *) room=outside ;;
    esac
}

check_quoted() # FILE ROOM NAME
{
    local room directory=${1%/*} target=$2
    if [[ $3 == ../* ]]; then
        set_room "$(realpath -m --relative-to=. "$directory/$3")"
        target=$room
    elif [[ $3 == */* && ! -e $directory/$3 ]]; then
        set_room "src/$3"
        target=$room
    fi
    if [ "$target" != "$2" ] && [[ " ${may[$2]-} " != *" $target "* ]]; then
        violation "$1" "$2 may not include \"$3\", which belongs to $target"
    fi
}

check_angled() # FILE ROOM NAME
{
    local name speaker
    if [[ $3 =~ ^($vendor_of_blas)$ && $2 != blas && $2 != benchmarks ]]; then
        violation "$1" "only blas may include <$3>"
    elif [[ $3 == sleef.h && $2 != kernels && $2 != benchmarks ]]; then
        violation "$1" "only kernels may include <$3>"
    elif [[ $3 == omp.h && $2 != par && $2 != blas && $2 != benchmarks ]]; then
        violation "$1" "only par and blas may include <$3>"
    elif [[ $3 == sheaf/* && ! $2 =~ ^(cli|serve|examples|benchmarks|simulate)$ ]]; then
        name=${3#sheaf/}
        speaker=${speaks_for[${name%.h}]-unknown}
        if [ "$speaker" != "$2" ] && [[ " ${may[$2]-} " != *" $speaker "* ]]; then
            violation "$1" "$2 may not include <$3>, which speaks for $speaker"
        fi
    fi
}

check_line() # FILE KIND TEXT
{
    local room
    set_room "$1"
    case $2 in
    quoted) check_quoted "$1" "$room" "$3" ;;
    angled) check_angled "$1" "$room" "$3" ;;
    team)
        [[ $room =~ ^(par|examples|benchmarks)$ ]] || violation "$1" "only par opens teams: $3"
        ;;
    call)
        [[ $room =~ ^(child|cli|serve|examples|benchmarks|simulate)$ ]] ||
            violation "$1" "the library never calls this: $3"
        ;;
    memory)
        [[ $room =~ ^(cli|serve|examples|benchmarks|simulate)$ || $1 == src/base/alloc.c ]] ||
            violation "$1" "memory comes from base/alloc.h: $3"
        ;;
    esac
}

# FILE KIND TEXT for every line that the law may have something to say about, comments taken out.
interesting_lines() # FILE...
{
    awk -v team="$team_pragma" -v call="(^|[^A-Za-z0-9_.>])($forbidden)[ \t]*[(]" \
        -v memory="(^|[^A-Za-z0-9_.>])($allocators)[ \t]*[(]" '
        function say(kind, text) {print FILENAME "\t" kind "\t" text}
        FNR == 1 {inside = 0}
        {
            line = $0
            if (inside) {
                if (!match(line, /\*\//)) next
                line = substr(line, RSTART + 2)
                inside = 0
            }
            if (line ~ /^[ \t]*#[ \t]*include/) {
                if (match(line, /"[^"]+"/)) say("quoted", substr(line, RSTART + 1, RLENGTH - 2))
                else if (match(line, /<[^>]+>/)) say("angled", substr(line, RSTART + 1, RLENGTH - 2))
                next
            }
            if (line !~ /_Pragma/) gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
            gsub(/\/\*([^*]|\*[^\/])*\*\//, " ", line)
            sub(/\/\/.*/, "", line)
            if (match(line, /\/\*/)) {
                line = substr(line, 1, RSTART - 1)
                inside = 1
            }
            if (line ~ team) say("team", line)
            if (line ~ call) say("call", line)
            if (line ~ memory) say("memory", line)
        }' "$@"
}

check_tree() # ROOT
{
    local file kind text room files
    cd "$1"
    mapfile -t files < <(find src examples benchmarks -name peers -prune -o -type f \
        \( -name '*.c' -o -name '*.h' -o -name '*.inc' -o -name '*.cc' -o -name '*.def' \) -print 2>/dev/null | sort)
    if [ ${#files[@]} -eq 0 ]; then
        echo "layers: no source found in $1"
        return 1
    fi
    for file in "${files[@]}"; do
        set_room "$file"
        [[ $room == examples || $room == benchmarks || -n ${may[$room]+known} ]] ||
            violation "$file" "the law knows no room named $room"
    done
    while IFS=$'\t' read -r file kind text; do
        check_line "$file" "$kind" "$text"
    done < <(interesting_lines "${files[@]}")
    if [ "$violations" -gt 0 ]; then
        echo "layers: $violations violations in ${#files[@]} files"
        return 1
    fi
    echo "layers: ${#files[@]} files keep the law"
}

planted=0
expect() # caught|fine FILE TEXT
{
    local outcome=fine
    mkdir -p "$scratch/$(dirname "$2")"
    printf '%s\n' "$3" >"$scratch/$2"
    "$self" "$scratch" >"$scratch.out" 2>&1 || outcome=caught
    rm "$scratch/$2"
    planted=$((planted + 1))
    if [ "$outcome" != "$1" ] || { [ "$1" = caught ] && ! grep -q "^$2: " "$scratch.out"; }; then
        printf 'layers self-test: %s with\n%s\nwas %s, should be %s\n' "$2" "$3" "$outcome" "$1"
        exit 1
    fi
}

self_test()
{
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch" "$scratch.out"' EXIT
    mkdir -p "$scratch/src/par"
    echo 'typedef int team;' >"$scratch/src/par/par.h"
    expect fine src/ops/good.c '#include "kernels/kernels.h"
#include <sheaf/func.h>
/* printf("in a comment") and
#include <cblas.h>
   setenv(); */
// abort();
int f(char *s) { return snprintf(s, 4, "x"); }'
    expect fine src/par/good.c '#pragma omp parallel for'
    expect fine src/kernels/good.c '#pragma omp simd'
    expect fine src/cli/good.c '#include <sheaf/sheaf.h>
int main(void) { printf("x"); exit(0); }'
    expect fine src/child/good.c '#include <sheaf/map.h>
#include <stdio.h>
int main(void) { fprintf(stderr, "x"); return 1; }'
    expect caught src/worker/bad.c '#include <sheaf/array.h>'
    expect caught src/worker/bad.c 'int f(void) { return fork(); }'
    expect caught src/io/bad.c '#include "ops/ops.h"'
    expect caught src/ops/bad.c '#include "io/io.h"'
    expect caught src/ops/bad.c '#include <sheaf/map.h>'
    expect caught src/ops/bad.c '#include <sheaf/sheaf.h>'
    expect caught src/kernels/bad.c '#include <sheaf/array.h>'
    expect caught src/kernels/bad_body.inc '#include "array/array.h"'
    expect caught src/base/bad.c '#include "../par/par.h"'
    expect caught src/cli/bad.c '#include "base/base.h"'
    expect caught examples/bad.c '#include "array/array.h"'
    expect caught benchmarks/bad.c '#include "par/par.h"'
    expect fine benchmarks/simulate/good.c '#include "batch/plan.h"
int main(void) { printf("x"); }'
    expect caught benchmarks/simulate/bad.c '#include "ops/ops.h"'
    expect caught src/ops/bad.c '#include <cblas.h>'
    expect caught src/array/bad.c '#  include <fftw3.h>'
    expect caught src/batch/bad.c '#include <lapacke.h>'
    expect caught src/ops/bad.c '#include <omp.h>'
    expect caught src/kernels/bad.c '#pragma omp parallel for'
    expect caught src/batch/bad.c '_Pragma("omp task")'
    expect caught src/base/bad.c 'void f(void) { printf("x"); }'
    expect caught src/io/bad.c 'void f(void) { if (1) exit (1); }'
    expect caught src/io/bad.c 'void f(void) { abort(); }'
    expect caught src/blas/bad.c 'void f(void) { setenv("A", "b", 1); }'
    expect caught src/ops/bad.c 'void *f(void) { return malloc(3); }'
    expect caught src/io/bad.c 'int f(void); /* x */ void g(void) { perror("x"); } /* y */'
    expect caught src/unknown/bad.c 'int x;'
    echo "layers: $planted planted cases judged rightly"
}

self=$(realpath "$0")
if [ $# -eq 0 ]; then
    self_test
    check_tree "$(dirname "$self")/.."
else
    check_tree "$1"
fi
