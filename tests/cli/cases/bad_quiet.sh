three
sheaf map mean -q a.npy missing.npy -o t.csv
echo $?
sheaf map mean -q a.npy -o u.csv
