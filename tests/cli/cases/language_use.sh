three
cat >spread.c <<'END'
#include <stddef.h>
double spread(const double *x, size_t n)
{
    double low = x[0], high = x[0];
    for (size_t i = 1; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    return high - low;
}
END
cat >halves.c <<'END'
#include <stddef.h>
void halves(const float *x, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] / 2;
}
END
sheaf map 'spread(x), spread(x[::-1] * 2), mean(halves(x)), sum(x[x > 2].halves())' --use spread.c --use halves.c a.npy b.npy
sheaf map 'halves(x).T' --use halves.c a.npy b.npy -o t.npy && sheaf map --dry-run 'halves(x)' --use halves.c a.npy | grep result
sheaf map 'spread(x, x)' --use spread.c a.npy
echo $?
sheaf map 'spread' --use spread.c a.npy
echo $?
sheaf map 'spread(x)' --use none.c a.npy
echo $?
