three
printf '#include <sheaf/plugin.h>\ndouble two(const double *x, size_t n) { return 2 + 0 * x[n - 1]; }\nSHEAF_SCALAR(two);\n' >two.c
${CC:-cc} -shared -fPIC -I"$SHEAF_SOURCE/include" two.c -o two.so
sheaf=$(command -v sheaf)
mkdir nothing
unset CC
PATH=$PWD/nothing
"$sheaf" map two.c a.npy
echo $?
CC=other-cc "$sheaf" map two.c a.npy
echo $?
"$sheaf" map two.so a.npy
