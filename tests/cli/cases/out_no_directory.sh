three
sheaf map mean a.npy -o no/such/t.csv
echo $?
sheaf map mean a.npy -o ''
