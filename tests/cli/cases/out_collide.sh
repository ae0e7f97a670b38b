mkdir a b
npy a/x.npy '<f8' '(1,)' 1
npy b/x.npy '<f8' '(1,)' 2
sheaf map square a/x.npy b/x.npy -o out/
echo $?
ls
sheaf map square a/x.npy b/x.npy -o 'out/{dir}-{stem}.npy'
echo $?
find out | sort
sheaf map square a/x.npy b/x.npy -o 'same.npy{index}'
