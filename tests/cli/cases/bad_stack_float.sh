# A failed row of a float stack is NaN.
three
npy short.npy '<f8' '(4,)' 1 2
sheaf map square a.npy short.npy c.npy -o s.npy
echo $?
values s.npy
cat s.npy.items.csv
