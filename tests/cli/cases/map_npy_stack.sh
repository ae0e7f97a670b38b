three
sheaf map square a.npy b.npy c.npy -o s.npy
values s.npy
cat s.npy.items.csv
