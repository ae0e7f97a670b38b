# What isolated items did is in the journal as what others did: a run with --resume computes what failed and what changed.
cat >moody.c <<'END'
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
double moody(const double *x, size_t n)
{
    FILE *calls = fopen("calls", "a"), *well = fopen("well", "r");
    fprintf(calls, "%g\n", x[0]);
    fclose(calls);
    if (x[0] == 10 && !well)
        abort();
    return x[n - 1];
}
END
three
sheaf map -j1 moody.c ?.npy -o t.csv 2>&1 | sed -E 's/peak RSS (below )?[0-9.]+ MB/peak RSS SOME MB/'
cat t.csv calls
rm calls
touch well
npy c.npy '<f8' '(5,)' 5 5 5 9 11
sheaf map -j1 --resume moody.c ?.npy -o t.csv
cat t.csv
sort -n calls
