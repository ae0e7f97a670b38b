# Long and short, with and without =, clustered, anywhere.
three
sheaf map -qfj1 mean a.npy -ot.csv b.npy && cat t.csv
sheaf map -q --force --jobs 2 mean --output=t.csv -- a.npy && cat t.csv
sheaf --help | head -n 1
