sheaf info
echo $?
sheaf info 'x*.npy'
