# How far an unfinished output is, what failed, and the command that continues it, which does.
waits
npy a.npy '<f8' '(2,)' 1 2
npy b.npy '<f8' '(2,)' -1 4
mkdir "a place"
cd "a place" || exit
hide() {
    sed -E "s/[-0-9]+T[0-9:]+Z/TIME/; s/process [0-9]+ on .*/process PID on HOST/; s/(\"process\": )[0-9]+/\1PID/
            s/(\"host\": ).*/\1HOST,/; s#$(pwd -P)#HERE#"
}
(cd .. && mv a.npy b.npy here go waits.c "a place")
env --default-signal=TERM sheaf map waits.c --no-sync -j1 missing.npy "it's.npy" a.npy b.npy a.npy -o 'out/{index}.npy' 2>told &
: <here
kill -TERM $!
: >go
wait $!
sheaf info out.sheaf-journal | hide
sheaf info --json out.sheaf-journal | hide
cd ..
sheaf info "a place/out.sheaf-journal" | hide >told
cat told
touch "a place/quick"
npy "a place/missing.npy" '<f8' '(1,)' 3
npy "a place/it's.npy" '<f8' '(1,)' 4
eval "$(sheaf info 'a place/out.sheaf-journal' | sed -n 's/^  continue  *//p')"
echo $?
# Of files that are no journals.
sheaf info out.sheaf-journal
echo $?
echo "nothing much" >x.sheaf-journal
sheaf info --json x.sheaf-journal
echo $?
sheaf info x.sheaf-journal "a place/a.npy"
echo $?
