# The compiler's own words differ; that they are there, and name the file and the line, does not.
three
sheaf map none.c a.npy
echo $?
sheaf map none.so:f a.npy
echo $?
printf '#include <stddef.h>\n\ndouble bad(const double *x, size_t n) { return nothing; }\n' >bad.c
sheaf map bad.c a.npy 2>messages
echo $?
grep -c 'bad.c:3:[0-9]*: error: .*nothing' messages
sed -n 's/^\(sheaf: .*compile\).*/\1/p' messages
echo 'double wrong(double x) { return x; }' >wrong.c
sheaf map wrong.c a.npy 2>messages
echo $?
grep -c 'wrong has none of the prototypes' messages
sheaf map wrong.c:right a.npy
echo $?
cp wrong.c not-a-name.c
sheaf map not-a-name.c a.npy
echo $?
echo 'no object' >text.so
sheaf map text.so a.npy 2>&1 | sed 's/:.*text.so.*/: …/'
sheaf map --cache /dev/null/cache wrong.c:wrong a.npy 2>&1 | tail -n 1
