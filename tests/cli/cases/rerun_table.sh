# Every cell of the table of reruns, for every kind of output: exit status, which items are computed, and at the end the
# bytes of an undisturbed run.
waits
npy a.npy '<f8' '(2,)' 1 2
npy b.npy '<f8' '(2,)' -1 4
npy c.npy '<f8' '(2,)' 5 6
inputs=(a.npy bad.npy b.npy c.npy)

map() {
    : >calls
    sheaf map waits.c -j1 --no-sync "${inputs[@]}" -o "$out" "$@" 2>told
    echo "$1 $2 exit $?, computed $(tr '\n' ' ' <calls)"
    sed -n '/nothing to do/p; /^sheaf: .*\(finished\|exists\)/p' told
}
# Where what the journal is of stands.
clear_away() {
    rm -rf t.csv* s.npy* dir* plain* told calls quick .??*
}
# The second of three items is at work when the signal comes: two are done, one is not.
unfinished() {
    clear_away
    : >calls
    env --default-signal=INT sheaf map waits.c -j1 --no-sync "${inputs[@]}" -o "$out" 2>told &
    : <here
    kill -INT $!
    : >go
    wait $!
    echo "-- unfinished: exit $?, $(sheaf info --json "$journal" | tr -d ' ,' | grep -E '^"(done|failed)' | tr '\n' ' ')"
    touch quick
}
some_failed() {
    clear_away
    touch quick
    sheaf map waits.c -j1 --no-sync "${inputs[@]}" -o "$out" 2>told
    echo "-- some failed: exit $?"
}
finished() {
    clear_away
    touch quick
    good
    sheaf map waits.c -j1 --no-sync "${inputs[@]}" -o "$out" 2>told
    echo "-- finished: exit $?"
}
good() {
    npy bad.npy '<f8' '(2,)' 3 3
}
bad() {
    printf 'no array' >bad.npy
}
quiet() {
    good
    find . -name '*.sheaf*' # nothing of the kind is left
    mv "${out%/*}" result
    clear_away
    touch quick
    sheaf map waits.c "${inputs[@]}" -o "$out" 2>told
    diff -r "${out%/*}" result && echo "the same bytes"
    rm -rf result
}

for out in t.csv s.npy dir/ 'plain/{stem}.npy'; do
    case $out in
    *.csv | s.npy) journal=$out.sheaf-journal ;;
    *) journal=${out%%/*}.sheaf-journal ;;
    esac
    echo "---- $out"
    for how in '' --resume --force; do
        clear_away
        touch quick
        good
        map $how
        bad
        unfinished
        map $how
        some_failed
        map $how
        some_failed
        good
        map $how
        if [ "$how" = --resume ]; then quiet; fi
        finished
        map $how
        bad
        if [ "$how" = --resume ]; then
            unfinished
            good
            map $how
            quiet
        fi
    done
done
