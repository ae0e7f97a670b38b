three
sheaf map mean a.npy -o t.csv --report t.csv
echo $?
sheaf map mean a.npy -o t.csv --report a.npy
echo $?
sheaf map mean a.npy --report no/such/r.json
