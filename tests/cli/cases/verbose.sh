three
sheaf map mean -v a.npy b.npy -o t.csv 2>&1 | sed -E 's/in [0-9.]+ s.*/in …/'
