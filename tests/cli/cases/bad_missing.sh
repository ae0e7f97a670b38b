three
sheaf map mean a.npy missing.npy c.npy
