# A file size limit stands for a full disk: nothing is left, whole or half.
npy big.npy '<f8' '(4096,)' $(seq 4096)
(ulimit -f 8; sheaf map square big.npy -o s.npy) 2>err
echo $?
sed -E 's/s.npy[.A-Za-z0-9_]*/s.npy/g' err
ls -A
(ulimit -f 8; sheaf map square big.npy -o out/) 2>err
echo $?
find out -type f 2>/dev/null | wc -l
