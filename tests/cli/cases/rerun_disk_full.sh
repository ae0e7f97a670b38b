# A file size limit stands for a full disk: what was done before it is not done again once there is room.
three
npy big.npy '<f8' '(4096,)' $(seq 4096)
(ulimit -f 16 && sheaf map square -j1 a.npy big.npy b.npy -o out/ 2>told)
echo $?
sed -n '/to continue/p' told
ls out
ls -l --time-style=full-iso out/a.npy >before
sheaf map square -j1 a.npy big.npy b.npy -o out/ --resume
echo $?
ls -A out
ls -l --time-style=full-iso out/a.npy | cmp before - && echo "a.npy is the first run's"
# The table does not fit, and neither does what the journal has to say: it is cut short, and what it says holds.
for i in $(seq 300); do echo b.npy; done >list
(ulimit -f 8 && sheaf map stats -j1 --files-from list -o t.csv 2>told)
echo $?
ls -A | grep 't.csv'
sheaf map stats -j1 --files-from list -o t.csv --resume 2>/dev/null
echo $?
sheaf map stats -q --files-from list -o quiet.csv
cmp t.csv quiet.csv && echo "the same bytes"
