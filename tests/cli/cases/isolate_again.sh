# The time limit stops a worker, whatever it is doing; an item whose worker died is worth another attempt.
cat >moody.c <<'END'
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
double moody(const double *x, size_t n)
{
    FILE *seen = fopen("seen", "r");
    if (x[0] == 10 && !seen) {
        fopen("seen", "w");
        abort();
    }
    for (volatile int go = x[0] == 5; go;)
        ;
    return x[n - 1];
}
END
three
sheaf map --timeout 1 --retries 1 moody.c ?.npy -o t.csv 2>&1 |
    sed -E 's/peak RSS (below )?[0-9.]+ MB/peak RSS SOME MB/; s/after [0-9.]+ s/after SOME TIME/'
cat t.csv
cut -d , -f 1-4 t.csv.items.csv
