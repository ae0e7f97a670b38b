# --verify tells changed inputs by their bytes, in worker processes too, and also where several parts are of one file.
three
npy d.npy '<f8' '(2,)' 1 2
cat >late.c <<'END'
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
double late(const double *x, size_t n)
{
    FILE *calls = fopen("calls", "a"), *well = fopen("well", "r");
    fprintf(calls, "%g\n", x[0]);
    fclose(calls);
    if (x[0] == 1 && n == 2 && !well)
        exit(1);
    return x[n - 1];
}
END
sheaf map -j1 --verify late.c a.npy b.npy d.npy -o t.csv 2>/dev/null
rm calls
touch well
cp a.npy copy.npy && mv copy.npy a.npy
npy b.npy '<f8' '(3,)' 7 8 9
sheaf map -j1 --verify --resume late.c a.npy b.npy d.npy -o t.csv
cat t.csv
sort -n calls
three
sheaf map 'a=x, b=x*2' a.npy c.npy -o p.npz 2>/dev/null
sheaf map -j1 --verify 'max(x) + index' p.npz missing.npy -o p.csv 2>/dev/null
touch p.npz
sheaf map -j1 --verify --resume 'max(x) + index' p.npz missing.npy -o p.csv --report r.json 2>&1
grep -E '"(items|resumed|failed)"' r.json
