three
sheaf map mean a.npy b.npy c.npy -o t.csv
cat t.csv
ls -A
