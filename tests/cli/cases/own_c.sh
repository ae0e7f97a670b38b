three
cat >span.c <<'END'
#include <stddef.h>
double span(const double *x, size_t n)
{
    double low = x[0], high = x[0];
    for (size_t i = 1; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    return high - low;
}
END
sheaf map span.c ?.npy
npy i.npy '<i2' '(2, 2)' 7 -3 20 1
sheaf map ./span.c i.npy
cat >steps.c <<'END'
#include <stddef.h>
void steps(const double *x, double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = i ? x[i] - x[i - 1] : 0;
}
double count(const double *x, size_t n)
{
    (void)x;
    return (double)n;
}
END
sheaf map steps.c ?.npy -o out/
values out/b.npy
sheaf map steps.c:count a.npy i.npy
sheaf map --dry-run steps.c a.npy | head -n 4
