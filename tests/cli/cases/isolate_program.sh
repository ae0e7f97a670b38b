# Expressions can be isolated too, to the same bits; those that use one's own C are.
three
cat >crash.c <<'END'
#include <stddef.h>
#include <stdlib.h>
double crash(const double *x, size_t n)
{
    if (x[0] > 7)
        abort();
    return (double)n;
}
END
sheaf map --isolate 'mean(x), std(x), index' ?.npy
sheaf map 'mean(x), std(x), index' ?.npy
sheaf map --use crash.c 'crash(x), sum(x)' ?.npy 2>&1 | sed -E 's/peak RSS (below )?[0-9.]+ MB/peak RSS SOME MB/'
sheaf map --isolate 'x * w' --with w=b.npy a.npy c.npy -o products.npy
values products.npy
# Names of this process's descriptors
cat a.npy | sheaf map --isolate sum /dev/stdin
sheaf map --isolate sum /dev/fd/9 9<b.npy
