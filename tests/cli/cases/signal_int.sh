# The first signal lets running items end; nothing half written stands under the output's name, and what is done is
# continued by the command that the message gives.
waits
npy a.npy '<f8' '(2,)' 1 2
npy b.npy '<f8' '(2,)' -1 4
npy "it's c.npy" '<f8' '(2,)' 5 6
env --default-signal=INT sheaf map waits.c -f -qj1 a.npy b.npy "it's c.npy" -o t.csv 2>told &
: <here
kill -INT $!
: >go
wait $!
echo $?
cat told
ls -A
touch quick
eval "$(sed -n 's/^ *to continue: //p' told)"
echo $?
cat calls t.csv
# The same command with a list on standard input, and one too long to be shown.
rm quick t.csv
names=$(printf '%s\n' a.npy b.npy "it's c.npy")
env --default-signal=TERM sheaf map waits.c -j1 --files-from - -o t.csv <<<"$names" 2>told &
: <here
kill -TERM $!
: >go
wait $!
echo $?
cat told
