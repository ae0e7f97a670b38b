three
npy big.npy '<f8' '(1000000000000,)' 1 2
npy overflow.npy '<f8' '(4294967296, 4294967296, 4)' 1 2
npy negative.npy '<f8' '(-4,)' 1 2 3 4
header garbage.npy "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1,), }"
sheaf map mean a.npy big.npy overflow.npy negative.npy garbage.npy c.npy
