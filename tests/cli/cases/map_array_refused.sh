npy m.npy '<f8' '(2, 2)' 1 2 3 4
npy n.npy '<f8' '(3, 1)' 1 2 3
sheaf map sqrt m.npy
echo $?
sheaf map sqrt m.npy n.npy
echo $?
sheaf map sqrt m.npy -o t.csv
echo $?
ls
