three
mkdir w && npy w/a.npy '<f8' '(4,)' 1 0 0 0 && npy w/b.npy '<f8' '(4,)' 0 1 0 0 && npy w/c.npy '<f8' '(4,)' 0 0 0 2
sheaf map 'x @ w' --with 'w=w/{stem}.npy' a.npy b.npy c.npy
sheaf map 'x @ w' --with 'w=w/*.npy' a.npy b.npy c.npy
sheaf map 'sum(x * w + v)' --with v=a.npy --with 'w=w/{name}' a.npy b.npy -o t.csv && cat t.csv
sheaf map 'x * w' --with 'w=w/{stem}.npy' --dry-run a.npy b.npy -o o.npy | grep result
rm w/b.npy
sheaf map 'x @ w' --with 'w=w/{stem}.npy' a.npy b.npy
echo $?
sheaf map 'x @ w' --with 'w=w/*.npy' a.npy
echo $?
sheaf map 'x @ w' --with 'w=w/{step}.npy' a.npy
echo $?
sheaf map 'x + w' --with 'w=w/{stem}.npy' a.npy -o w/ -f
echo $?
