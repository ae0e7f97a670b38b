three
sheaf map add a.npy b.npy
