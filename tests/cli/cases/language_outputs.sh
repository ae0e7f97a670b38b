three
sheaf map 'lo=min(x), mean(x), hi=max(x)' a.npy b.npy
sheaf map 'x - mean(x)' a.npy b.npy -o centred.npy && sheaf map 'sum(x, axis=1)' centred.npy
sheaf map 'x[x > 2]' a.npy b.npy
sheaf map 'index, x.size' a.npy b.npy -o t.csv && cat t.csv
sheaf map 'x @ w, sum(w)' --with w=a.npy a.npy b.npy
printf '# the spread\nhi = max(x);\nhi - min(x)\n' > program.txt
sheaf map -p program.txt a.npy b.npy
echo 'mean(x)' | sheaf map -p - a.npy
sheaf map stats x.npy a.npy
