# As signal_int, with the signal that init and batch systems send.
npy long.npy '<f8' '(1000000,)'
truncate -s $((128 + 8000000)) long.npy
for i in $(seq 100000); do echo long.npy; done >list
mkfifo told
env --default-signal=TERM sheaf map mean --progress --files-from list -o t.csv 2>told &
exec 3<told
read -r line <&3
kill -TERM $!
cat <&3 >rest
wait $!
echo $?
grep -c 'stopped by signal' rest
ls -A
