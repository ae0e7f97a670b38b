three
sheaf map mean a.npy --outptu t.csv
echo $?
sheaf map --dry-rnu mean a.npy
echo $?
sheaf map mean a.npy -Z
echo $?
sheaf info --jsn a.npy
