three
sheaf map 'mean(x), std(x)' a.npy
echo $?
sheaf map -x**2 a.npy
echo $?
