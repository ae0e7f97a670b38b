three
npy large.npy '<f8' '(20,)' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
for size in 0 x -3 2X 5MiBs 1e30; do
    sheaf map --memory $size mean a.npy
    echo $?
done
for size in 100 0.1K '0.1 kib' 100B 0.0001MB; do
    sheaf map --memory "$size" mean ./*.npy
    echo $?
done
sheaf map --memory 100 --dry-run mean ./*.npy | grep -E '^(peak|too)'
sheaf map --memory 1T --dry-run mean ./*.npy | grep -E '^(peak|too)'
sheaf map --memory 100 --report r.json mean ./a.npy
grep -E 'memory' r.json
