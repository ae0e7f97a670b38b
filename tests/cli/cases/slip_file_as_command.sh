three
sheaf a.npy
