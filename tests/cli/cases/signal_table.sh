# Without an output there is nothing to go on from: the running item ends, and what was done has been printed.
waits
npy a.npy '<f8' '(2,)' 1 2
npy b.npy '<f8' '(2,)' -1 4
env --default-signal=INT sheaf map waits.c -j1 a.npy b.npy a.npy >table 2>told &
: <here
kill -INT $!
taken $! # by another thread than the one whose item ends now
: >go
wait $!
echo $?
cat told table
# The second signal, of either kind, ends the program while its item is still at work. What it leaves
# behind is used up by the next run.
env --default-signal=INT,TERM sheaf map waits.c -j1 --no-sync a.npy b.npy a.npy -o t.csv 2>told &
: <here
kill -INT $!
kill -TERM $!
wait $!
case $? in
130 | 143) echo "ended at once" ;;
*) echo "exit $?" ;;
esac
cat told
find . -name '.t.csv.*' | sed 's/-[a-z0-9]*$/-XXXXXX/'
touch quick
sheaf map waits.c --resume --no-sync a.npy b.npy a.npy -o t.csv
ls -A
