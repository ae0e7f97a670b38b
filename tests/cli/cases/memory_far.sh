# Files larger than the memory there is: done piece by piece, with the bytes of a run that has it all.
large() { # FILE DESCR TEMPLATE
    header "$1" "{'descr': '$2', 'fortran_order': False, 'shape': (12500, 40), }"
    perl -e 'my $k = 7; for (1 .. 500000) { $k = ($k * 48271) % 2147483647; print pack($ARGV[0], $k / 1e6 - 1000) }' -- "$3" >>"$1"
}
large a.npy '<f8' 'd<'
large b.npy '>f4' 'f>'
large c.npy '<i4' 'l<'
while read -r function; do
    sheaf map -q "$function" ./?.npy -o all/
    sheaf map -q --memory 1M "$function" ./?.npy -o pieces/
    echo "exit $?"
    cmp all/a.npy pieces/a.npy && cmp all/b.npy pieces/b.npy && cmp all/c.npy pieces/c.npy && echo "same: $function"
    rm -r all pieces
done <<'END'
mean
(x - mean(x, axis=0)) / std(x, axis=0)
where(x > 0, sqrt(abs(x)), -x)
x > mean(x)
cumsum(x)
sum(x * x, axis=-1)
var(x - 1, axis=0)
END
sheaf map --memory 1M 'mean(x), std(x), argmax(x)' ./?.npy >table
sheaf map 'mean(x), std(x), argmax(x)' ./?.npy | cmp - table && echo "same table"
sheaf map -q --memory 1M -j1 'x * 2' a.npy a.npy a.npy -o pieces.npy
sheaf map -q 'x * 2' a.npy a.npy a.npy -o all.npy && cmp all.npy pieces.npy && echo "same stack"
# A stack of up to 8 MiB is in memory anyway.
sheaf map -q --memory 1M -j1 'x * 2' a.npy a.npy -o pieces.npy -f
sheaf map -q 'x * 2' a.npy a.npy -o all.npy -f && cmp all.npy pieces.npy && echo "same small stack"
sheaf map --memory 1M 'sort(x)' a.npy -o sorted/
echo "exit $?"
sheaf map --memory 1M 'x * 2' a.npy -o t.csv
echo "exit $?"
sheaf map --memory 1M 'mean(x[x > 0])' a.npy
echo "exit $?"
head -c 2000000 a.npy >short.npy
sheaf map --memory 1M 'mean(x)' short.npy
echo "exit $?"
