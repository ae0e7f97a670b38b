three
sheaf map mean a.npy b.npy c.npy
