three
npy short.npy '<f8' '(4,)' 1 2
head -c 20 a.npy >header.npy
: >empty.npy
sheaf map mean a.npy short.npy header.npy empty.npy c.npy
