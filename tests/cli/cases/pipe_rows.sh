# In a pipe a row comes when it is its turn, not at the end: the first is here while the second item still waits.
waits
npy a.npy '<f8' '(2,)' 1 2
npy b.npy '<f8' '(2,)' -1 4
mkfifo rows
sheaf map waits.c a.npy b.npy missing.npy a.npy >rows 2>told &
exec 5<rows
read -r header <&5
read -r first <&5
echo "$header; $first"
: <here
: >go
cat <&5
wait $!
echo $?
cat told
