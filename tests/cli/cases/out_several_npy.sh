# Several outputs have no place in one .npy.
three
sheaf map stats a.npy b.npy -o s.npy
echo $?
ls
