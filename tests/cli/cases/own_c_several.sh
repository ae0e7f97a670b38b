three
cat >two.c <<'END'
#include <sheaf/plugin.h>
float first(const float *x, size_t n) { return n ? x[0] : 0; }
double last(const double *x, size_t n) { return n ? x[n - 1] : 0; }
SHEAF_SCALAR(first);
SHEAF_SCALAR(last);
END
sheaf map two.c a.npy
echo $?
sheaf map two.c:last ?.npy
sheaf map two.c:middle a.npy
echo $?
${CC:-cc} -shared -fPIC -I"$SHEAF_SOURCE/include" two.c -o two.so
sheaf map two.so a.npy
echo $?
sheaf map two.so:first ?.npy
sheaf map two.so:middle a.npy
