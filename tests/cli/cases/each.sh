# Slices of arrays as items: names, axes, outputs, and what cannot be cut.
npy big.npy '<i4' '(2, 3)' 1 2 3 4 5 6
npy other.npy '<f8' '(2, 2, 2)' 1 2 3 4 5 6 7 8
npy one.npy '<f8' '()' 1
printf 'a,b\n1,10\n2,20\n3,30\n' >t.csv
for axis in 0 1 -1; do
    sheaf map 'sum(x)' --each $axis big.npy
done
sheaf map 'sum(x), index' --each 0 big.npy other.npy one.npy missing.npy t.csv
echo "exit $?"
sheaf map 'x * 2' --each 1 big.npy other.npy -o '{stem}_{index}.npy'
echo *_*.npy
sheaf map 'x * 2' --each 0 other.npy -o out/
ls out
values out/other-1.npy
sheaf map 'x * 2' --each 2 other.npy -o s.npy
values s.npy
cat s.npy.items.csv
sheaf map 'x + 1' --each 0 other.npy -o z.npz
sheaf map 'sum(x)' z.npz
sheaf map 'x * 2' --each 3 other.npy -o three.npy
echo "exit $?"
sheaf map 'sum(x)' --each time big.npy
echo "exit $?"
sheaf map 'sum(x)' --each '' big.npy
echo "exit $?"
# Slices of containers, and arrays beside them: one for all, one for each file.
npy w.npy '<f8' '(3,)' 1 10 100
sheaf map 'x @ w' --each 0 --with w=w.npy big.npy
npy big_w.npy '<f8' '(3,)' 1 0 0
sheaf map 'x @ w' --each 0 --with 'w={stem}_w.npy' big.npy
sheaf map "sum(x['a'] * x['b'])" --each 0 t.csv
sheaf map 'sum(x)' --each 0 --select b t.csv
mkdir a && cp big.npy a/
sheaf map 'x + 1' --each 0 big.npy a/big.npy -o same/
echo "exit $?"
sheaf map 'x * 2' --each 0 --dry-run -v big.npy missing.npy -o d.npy --memory 1G -j2
echo "exit $?"
sheaf map 'sum(x)' --each 0 big.npy one.npy --report r.json -q
grep '"item"' r.json
