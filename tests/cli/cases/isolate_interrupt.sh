# Ctrl-C goes to sheaf and not to its workers: the item that one computes ends, the next is not started.
cat >slow.c <<'END'
#include <stddef.h>
#include <stdio.h>
double slow(const double *x, size_t n)
{
    FILE *started = fopen("started", "w"), *go = fopen("go", "r");
    double sum = started && go ? 0 : -100;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}
END
three
mkfifo started go
perl -e '
    my $sheaf = fork // die;
    if (!$sheaf) {
        setpgrp;
        exec "sheaf", "map", "-j1", "slow.c", "a.npy", "b.npy", "c.npy", "-o", "out/";
    }
    open my $started, "<", "started" or die;
    kill "INT", -$sheaf;
    open my $go, ">", "go" or die;
    waitpid $sheaf, 0;
    print "exit ", $? >> 8, " signal ", $? & 127, "\n";'
ls out
values out/a.npy
