npy n.npy '<f8' '(6,)' 1 nan 2 inf -inf 4
npy all.npy '<f8' '(2,)' nan nan
npy same.npy '<f8' '(3,)' 7 7 7
sheaf info n.npy all.npy same.npy
