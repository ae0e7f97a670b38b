three
npy z.npy '<c16' '(1,)' 1 2
sheaf map stats a.npy z.npy c.npy
