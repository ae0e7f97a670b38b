# A stack that is larger than what is gathered in memory: its rows stay in a hidden file until the output is finished.
waits
cat >large.c <<'END'
#include "waits.c"

void large(const double *x, double *y, size_t n)
{
    waits(x, n);
    for (size_t i = 0; i < n; i++)
        y[i] = -x[i];
}
END
large() { # FILE FIRST
    header "$1" "{'descr': '<f8', 'fortran_order': False, 'shape': (300000,), }"
    perl -e 'print pack("d<*", $ARGV[0], 1 .. 299999)' -- "$2" >>"$1"
}
large a.npy 1
large b.npy -1
large c.npy 5
head -c 1000 a.npy >bad.npy
interrupted() {
    rm -rf s.npy* quick .s.npy*
    env --default-signal=INT sheaf map large.c -qj1 --no-sync bad.npy a.npy b.npy c.npy -o s.npy 2>told &
    : <here
    kill -INT $!
    : >go
    wait $!
    echo "exit $?"
    sed -n '/stopped/p; /to continue/p' told
    : >calls
    touch quick
}
places() {
    find . -name '*s.npy*' | sed 's/sheaf-[a-z0-9]\{6\}$/sheaf-XXXXXX/' | sort
}
interrupted
places
sheaf map large.c -j1 --no-sync bad.npy a.npy b.npy c.npy -o s.npy
sheaf map large.c -j1 --no-sync bad.npy a.npy b.npy c.npy -o s.npy --resume
echo "exit $?, computed $(tr '\n' ' ' <calls)"
places
# Finished but for one: the rows are taken from the output itself.
large bad.npy 9
: >calls
sheaf map large.c -j1 --no-sync bad.npy a.npy b.npy c.npy -o s.npy --resume
echo "exit $?, computed $(tr '\n' ' ' <calls)"
places
sheaf map large.c -q bad.npy a.npy b.npy c.npy -o quiet.npy
cmp s.npy quiet.npy && echo "the same bytes"
# Without the rows there is nothing to go on from.
head -c 1000 a.npy >bad.npy
interrupted
rm .s.npy.sheaf-??????
sheaf map large.c -j1 --no-sync bad.npy a.npy b.npy c.npy -o s.npy --resume 2>told
echo "exit $?"
sed 's/sheaf-[a-z0-9]\{6\},/sheaf-XXXXXX,/' told
places
sheaf map large.c -qj1 --no-sync bad.npy a.npy b.npy c.npy -o s.npy --force 2>/dev/null
echo "exit $?"
