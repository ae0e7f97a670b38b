# A second run on an output is refused while the first is at work, whatever it was asked to do; so is none afterwards.
waits
npy a.npy '<f8' '(2,)' 1 2
npy b.npy '<f8' '(2,)' -1 4
hide() {
    sed "s/process $first on [^ ]* since [-0-9]* [0-9:]* UTC/process PID on HOST since TIME/"
}
for out in t.csv s.npy out/; do
    sheaf map waits.c -qj1 --no-sync a.npy b.npy -o $out &
    first=$!
    : <here
    for how in '' --resume --force; do
        # shellcheck disable=SC2086
        sheaf map waits.c -j1 --no-sync a.npy b.npy -o $out $how 2>told
        echo $?
        hide <told
    done
    sheaf info ${out%/}.sheaf-journal | sed -n '1s/, .*//p'
    : >go
    wait $first
    echo "first: $?"
    ls -A | grep sheaf
    rm -rf $out*
done
