three
sheaf map mean a.npy >/dev/full
echo $?
sheaf functions >/dev/full
