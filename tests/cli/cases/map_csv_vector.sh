three
sheaf map sqrt c.npy -o t.csv
cat t.csv
