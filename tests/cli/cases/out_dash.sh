three
sheaf map mean a.npy -o -
ls
