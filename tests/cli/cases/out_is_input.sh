three
cp a.npy before
sheaf map square a.npy b.npy -o a.npy -f
echo $?
sheaf map square a.npy -o ./ -f
echo $?
ln a.npy hard.npy
sheaf map square a.npy b.npy -o hard.npy -f
echo $?
cmp a.npy before
