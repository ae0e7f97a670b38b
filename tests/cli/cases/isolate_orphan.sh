# What a function left running dies with its worker: the pipe has no writer any more.
cat >litter.c <<'END'
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
double litter(const double *x, size_t n)
{
    FILE *f = fopen("pipe", "w");
    if (f && fork() == 0)
        for (;;)
            pause();
    if (x[0] > 1)
        abort();
    return (double)n;
}
END
npy a.npy '<f8' '(2,)' 1 2
npy b.npy '<f8' '(2,)' 2 3
mkfifo pipe
for input in a.npy b.npy; do
    sheaf map litter.c $input >/dev/null 2>&1 &
    cat pipe
done
wait
# A worker dies with the sheaf that started it, whatever it is doing.
cat >endless.c <<'END'
#include <stddef.h>
#include <stdio.h>
double endless(const double *x, size_t n)
{
    FILE *f = fopen("pipe", "w"); /* waits for a reader */
    for (volatile int go = (int)n; f && go;)
        ;
    return x[0];
}
END
perl -e '
    my $sheaf = fork // die;
    exec "sheaf", "map", "endless.c", "a.npy" if !$sheaf;
    open my $pipe, "<", "pipe" or die;  # the worker computes now
    kill "KILL", $sheaf;
    print sysread($pipe, my $byte, 1) ? "byte\n" : "end of file: the worker is gone\n";
    waitpid $sheaf, 0;
    print "signal ", $? & 127, "\n";'
