three
sheaf map concat a.npy b.npy
