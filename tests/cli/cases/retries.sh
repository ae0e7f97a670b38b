# What may pass is tried again, behind all other items; what cannot change is not.
three
printf '1,2,3\n' >text.npy
cat >flaky.c <<'C'
#include <fcntl.h>
#include <sheaf/plugin.h>
#include <stdio.h>
#include <unistd.h>

/* Each item fails until it has left two marks. */
static sheaf_status flaky(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user, sheaf_error *error)
{
    char mark[64];
    (void)user;
    for (int k = 1; k <= 2; k++) {
        snprintf(mark, sizeof mark, "mark-%s-%d", item->name, k);
        int fd = open(mark, O_CREAT | O_EXCL | O_WRONLY, 0666);
        if (fd < 0)
            continue;
        close(fd);
        return sheaf_error_set(error, SHEAF_CALLBACK, "no luck on attempt %d", k);
    }
    return sheaf_output_f64(out, *(const double *)x->data, error);
}
SHEAF_FUNCTION(flaky, "first");
C
sheaf map flaky.c --retries 1 a.npy missing.npy text.npy -o one.csv
echo $?
cut -d, -f1-4 one.csv.items.csv
rm mark-*
sheaf map flaky.c --retries=5 a.npy missing.npy b.npy -o five.csv --report five.json
echo $?
cat five.csv five.csv.items.csv
grep -E '"(retried|attempts|failed)"' five.json
rm mark-*
sheaf map flaky.c --retries 2 a.npy c.npy
rm mark-*
sheaf map flaky.c --retries 2 --halt a.npy c.npy -o whole.csv
