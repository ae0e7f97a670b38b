three
sheaf map stats a.npy b.npy c.npy
