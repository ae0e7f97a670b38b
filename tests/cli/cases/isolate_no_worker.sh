# A worker program that is not there, or is none, is an error before anything is computed.
three
cat >last.c <<'END'
#include <stddef.h>
double last(const double *x, size_t n)
{
    return x[n - 1];
}
END
SHEAF_WORKER=/nowhere/worker sheaf map last.c ?.npy
echo "exit $?"
SHEAF_WORKER=/bin/false sheaf map last.c ?.npy -o t.csv 2>&1 | sed -E 's/; peak RSS (below )?[0-9.]+ MB//; s|/usr/bin|/bin|'
ls
SHEAF_WORKER=/nowhere/worker sheaf map --no-isolate last.c ?.npy
SHEAF_WORKER=/nowhere/worker sheaf map sum ?.npy
SHEAF_WORKER=/nowhere/worker sheaf map --isolate sum ?.npy
