npy i.npy '<i8' '(2,)' 1 2
npy short.npy '<i8' '(2,)' 1
sheaf map square i.npy short.npy -o s.npy
echo $?
ls
