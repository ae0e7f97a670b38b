three
sheaf map mean --no-sync a.npy -o t.csv && cat t.csv
