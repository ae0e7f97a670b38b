# Whatever the function dies of, the other items have the results of a run without the bad ones.
npy good1.npy '<f8' '(3,)' 1 2 4
npy good2.npy '<f8' '(2,)' 10 20
npy bad1.npy '<f8' '(1,)' -1
npy bad2.npy '<f8' '(1,)' -2
npy bad3.npy '<f8' '(1,)' -3
cat >deadly.c <<'END'
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
double deadly(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    printf("the sum is %g\n", sum);
    if (sum == -1)
        *(volatile int *)0 = 1;
    if (sum == -2)
        abort();
    if (sum == -3)
        exit(7);
    return sum;
}
END
# The numbers depend on the machine.
dies() { sheaf map deadly.c "$@" 2>&1 | sed -E 's/peak RSS (below )?[0-9.]+ MB/peak RSS SOME MB/' | LC_ALL=C sort; }
dies good1.npy bad1.npy good2.npy bad2.npy bad3.npy
sheaf map deadly.c bad1.npy good1.npy -o t.csv 2>err
echo "exit $?"
cat t.csv
cut -d , -f 1-4 t.csv.items.csv
sheaf map deadly.c good?.npy -o good.npy 2>err
sheaf map deadly.c good1.npy good2.npy bad2.npy -o some.npy 2>err
values good.npy
values some.npy
# What the function prints stands on stderr, never among the data.
sheaf map deadly.c good1.npy 2>err
cat err
# Without isolation the command dies with it.
(sheaf map --no-isolate deadly.c bad2.npy; echo "exit $?") 2>/dev/null
