npy m.npy '<f8' '(2,)' 1 2
npy n.npy '<i4' '(2,)' 1 2
sheaf map square m.npy n.npy -o s.npy
