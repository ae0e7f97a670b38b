three
npy none.npy '<f8' '(0,)'
sheaf map max a.npy none.npy c.npy
