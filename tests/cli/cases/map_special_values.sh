npy n.npy '<f8' '(3,)' 1 nan 2
npy i.npy '<f8' '(2,)' inf 1
npy z.npy '<f8' '(1,)' -0.0
sheaf map sum n.npy i.npy z.npy
