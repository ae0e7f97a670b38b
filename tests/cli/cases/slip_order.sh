three
sheaf map a.npy mean
echo $?
sheaf map a.npy b.npy mean
