# A run over slices that was stopped goes on, and computes nothing twice; a file that has changed is computed anew. The
# journal's size is of the ranges done, not of the slices.
header big.npy "{'descr': '<f8', 'fortran_order': False, 'shape': (4000, 2), }"
perl -e 'print pack("d<*", map { $_ < 6000 ? $_ : -1 } 0 .. 7999)' >>big.npy
cat >fails.c <<'END'
#include <sheaf/plugin.h>
#include <stdlib.h>

static sheaf_status fails(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user, sheaf_error *error)
{
    const double *v = x->data;
    (void)user;
    if (v[0] < 0 && !getenv("WELL"))
        return sheaf_error_set(error, SHEAF_CALLBACK, "negative");
    FILE *f = fopen("calls", "a");
    fprintf(f, "%zu\n", item->index);
    fclose(f);
    return sheaf_output_f64(out, v[0] + v[1], error);
}
SHEAF_FUNCTION(fails, "sum");
END
sed -i '1i #include <stdio.h>' fails.c
for out in t.csv s.npy; do
    rm -f calls
    sheaf map fails.c --no-isolate --each 0 big.npy -j1 --halt=1 -o $out -q 2>/dev/null
    echo "exit $?, $(sort -u calls | wc -l) of $(wc -l <calls) calls"
    if [ "$(stat -c %s $out.sheaf-journal)" -lt 60000 ]; then echo "small journal"; fi
    sheaf info $out.sheaf-journal | grep -E 'items|done|failed|\[3000\]'
    sheaf map fails.c --no-isolate --each 0 big.npy -j1 -o $out
    echo "exit $?"
    sheaf map fails.c --no-isolate --each 1 big.npy -j1 -o $out --resume
    echo "exit $?"
    WELL=1 sheaf map fails.c --no-isolate --each 0 big.npy -j1 -o $out --resume
    echo "exit $?, $(sort -u calls | wc -l) of $(wc -l <calls) calls"
done
WELL=1 sheaf map fails.c --no-isolate --each 0 big.npy -j2 -o quiet.csv -q
cmp t.csv quiet.csv && echo "same table"
sheaf map 'sum(x)' --each 0 big.npy -o sums.npy -q && cmp sums.npy s.npy && echo "same stack"
# Touched, it is another file.
rm -f calls
sheaf map fails.c --no-isolate --each 0 big.npy -j1 --halt=1 -o t.csv -q -f 2>/dev/null
touch -d 2001-01-01 big.npy
WELL=1 sheaf map fails.c --no-isolate --each 0 big.npy -j1 -o t.csv --resume -q
echo "exit $?, $(sort -u calls | wc -l) of $(wc -l <calls) calls"
cmp t.csv quiet.csv && echo "same table"
