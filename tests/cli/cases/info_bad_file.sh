three
head -c 100 b.npy >short.npy
sheaf info a.npy short.npy missing.npy c.npy
