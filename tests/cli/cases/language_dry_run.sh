three
sheaf map --dry-run -v '(x - mean(x)) / std(x), sort(x * 2)[0]' a.npy b.npy -o out/ | grep -v '^peak'
# Axes called by name, and items of two arrays.
sheaf map -q 'x' a.npy -o named.nc && sheaf map --dry-run -v "sum(x, axis='dim_0')" named.nc -o y.npy | grep -A1 '^step'
sheaf map --dry-run -v 'x + b' --with b=a.npy a.npy -o y.npy | grep -A1 '^step'
