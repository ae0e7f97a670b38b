three
gzip -n < a.npy > a.gz
head -c 100 b.npy | gzip > b.gz; tail -c +101 b.npy | gzip >> b.gz
head -c 60 a.gz > cut.npy.gz
sheaf map mean a.gz b.gz cut.npy.gz
echo "exit $?"
sheaf info a.gz
npz d.npz a.npy=a.npy b.npy=b.npy
gzip < d.npz > d.npz.gz
sheaf map mean d.npz.gz
cat a.gz | sheaf map mean /dev/stdin
