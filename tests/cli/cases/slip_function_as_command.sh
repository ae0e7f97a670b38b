three
sheaf mean a.npy b.npy c.npy
echo $?
sheaf mean
