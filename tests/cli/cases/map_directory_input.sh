mkdir d.npy
three
sheaf map sum a.npy d.npy
