three
sheaf map a.npy b.npy
