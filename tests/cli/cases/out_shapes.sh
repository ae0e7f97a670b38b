npy m.npy '<f8' '(2, 2)' 1 2 3 4
npy n.npy '<f8' '(3,)' 1 2 3
sheaf map square m.npy n.npy -o s.npy
echo $?
ls
