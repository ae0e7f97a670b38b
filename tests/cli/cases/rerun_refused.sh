# What cannot be continued says why; nothing is touched.
three
npy d.npy '<f8' '(4,)' 1 1 1 1
npy w.npy '<f8' '(4,)' 1 1 1 1
npy v.npy '<f8' '(4,)' 1 1 1 2
sheaf map 'mean(x * w)' --with w=w.npy a.npy b.npy missing.npy -o t.csv 2>told
echo $?
before=$(cksum t.csv*)
again() {
    sheaf map "$@"
    echo $?
}
again 'std(x * w)' --with w=w.npy a.npy b.npy missing.npy -o t.csv --resume
again 'mean(x * w)' --with w=v.npy a.npy b.npy missing.npy -o t.csv --resume 2>&1 | sed 's/[0-9a-f]\{16\}/HASH/g'
again 'mean(x * w)' --with w=w.npy a.npy b.npy -o t.csv --resume
again 'mean(x * w)' --with w=w.npy a.npy d.npy missing.npy -o t.csv --resume
again 'mean(x * w)' --with w=w.npy a.npy b.npy missing.npy -o t.csv --resume --force
again mean a.npy --resume
again mean a.npy --resume -o -
sheaf map 'mean(x * w)' --with w=w.npy a.npy b.npy -o t.csv --dry-run >/dev/null
echo $?
sheaf map 'mean(x * w)' --with w=w.npy a.npy b.npy -o t.csv --dry-run --resume >/dev/null
echo $?
[ "$before" = "$(cksum t.csv*)" ] && echo untouched
# A journal that is none, and one that is damaged.
echo precious >u.csv.sheaf-journal
again mean a.npy -o u.csv
again mean a.npy -o u.csv --force
cat u.csv.sheaf-journal
perl -e 'open my $f, "+<:raw", "t.csv.sheaf-journal"; seek $f, 40, 0; print $f "X"'
again 'mean(x * w)' --with w=w.npy a.npy b.npy missing.npy -o t.csv --resume
again 'mean(x * w)' --with w=w.npy a.npy b.npy missing.npy -o t.csv --force
# Some of the files of a directory are there, and nobody knows from what.
mkdir out
echo precious >out/b.npy
again square a.npy b.npy -o out/ --resume
cat out/b.npy
