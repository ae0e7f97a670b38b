three
npy m.npy '<f8' '(2, 2)' 1 2 3 4
sheaf map --dry-run sort a.npy b.npy -o s.npy | grep -v '^peak'
sheaf map --dry-run sort a.npy m.npy -o out/ | grep result
sheaf map --dry-run sort m.npy >/dev/null
echo $?
: >s.npy
sheaf map --dry-run sort a.npy -o s.npy >/dev/null
