# What a halt left out is run by --resume, for tables as for directories; integers have no word for what is missing.
three
npy i.npy '<i8' '(2,)' 1 2
npy j.npy '<i8' '(2,)' 3 4
for out in t.csv s.npy out/; do
    rm -f missing.npy
    sheaf map mean -j1 --halt=1 a.npy missing.npy b.npy c.npy -o $out
    echo $?
    sheaf map mean -j1 a.npy missing.npy b.npy c.npy -o $out
    echo $?
    npy missing.npy '<f8' '(1,)' 7
    sheaf map mean -j1 a.npy missing.npy b.npy c.npy -o $out --resume
    echo $?
done
cat t.csv
values s.npy
ls out
# Positions: float64 in, int64 out.
cat >place.c <<'END'
#include <sheaf/plugin.h>

static sheaf_status place(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user, sheaf_error *error)
{
    sheaf_view y;
    (void)item, (void)user;
    if (*(const double *)x->data > 9)
        return sheaf_error_set(error, SHEAF_CALLBACK, "too far");
    sheaf_status status = sheaf_output_array(out, SHEAF_I64, 0, NULL, &y, error);
    if (status == SHEAF_OK)
        *(int64_t *)y.data = (int64_t) * (const double *)x->data;
    return status;
}
SHEAF_FUNCTION(place, "place");
END
sheaf map place.c -j1 a.npy b.npy c.npy -o p.npy
echo $?
sheaf map place.c -j1 a.npy b.npy c.npy -o p.npy
echo $?
npy b.npy '<f8' '(1,)' 8
sheaf map place.c -j1 a.npy b.npy c.npy -o p.npy --resume
echo $?
ls -A | grep 'p.npy'
