# What is not one array, and what makes no sense with --join. A failed item leaves no NaN where a whole file was asked for.
three
npy d.npy '<f8' '(2, 3)' 1 2 3 4 5 6
npy i.npy '<i8' '(4,)' 1 2 3 4
sheaf map mean --join 0 a.npy d.npy
sheaf map mean --join new a.npy i.npy
sheaf map mean --join 1 a.npy b.npy
sheaf map mean --join time a.npy b.npy
sheaf map mean --join 0 a.npy missing.npy -o out.npy
echo "exit $?"
ls out.npy* 2>/dev/null
sheaf map mean --join '' a.npy b.npy
sheaf map mean --join 0 --select a --select b a.npy b.npy
sheaf map x --join 0 a.npy b.npy -o b.npy -f
sheaf map mean --join 0 a.npy b.npy --report a.npy
sheaf map "mean(x, axis='time')" --join 0 a.npy b.npy
sheaf map 'a=x, b=x' a.npy -o p.npz
sheaf map 'a=x, b=x' b.npy -o q.npz
sheaf map mean --join 0 p.npz q.npz
