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
npy a.npy '<f8' '(2,)' 1 2
mkfifo pipe
perl -e '
    my $sheaf = fork // die;
    exec "sheaf", "map", "endless.c", "a.npy" if !$sheaf;
    open my $pipe, "<", "pipe" or die;  # the worker computes now
    kill "KILL", $sheaf;
    print sysread($pipe, my $byte, 1) ? "byte\n" : "end of file: the worker is gone\n";
    waitpid $sheaf, 0;
    print "signal ", $? & 127, "\n";'
