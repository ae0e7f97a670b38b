# x['name']: a file is one item, and the program takes parts of it.
npy a.npy '<f8' '(2, 3)' 0 1 2 3 4 5
npy b.npy '<f8' '(3,)' 1 2 3
npy c.npy '<f8' '(3,)' 1 5 3
npz d.npz a.npy=a.npy b.npy=b.npy
npz e.npz a.npy=a.npy b.npy=c.npy other.npy=b.npy
npz bad.npz b.npy=b.npy
sheaf map "sum(x['a']*x['b']), s=max(x['b'])" d.npz e.npz bad.npz
echo "exit $?"
sheaf map "sum(x['a'] - y['b']*x['b'])" d.npz e.npz --with y=d.npz
echo "exit $?"
sheaf map "sum(x['a']*y['b'])" d.npz e.npz --with 'y={stem}.npz'
echo "exit $?"
sheaf map "x['a'] + max(x)" d.npz
echo "exit $?"
