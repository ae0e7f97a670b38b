# A number of threads that may surprise is told, with its reason; one that was asked for is not.
three
unset SHEAF_NUM_THREADS
OMP_NUM_THREADS=7 sheaf map mean a.npy b.npy c.npy -o t.csv 2>&1 | sed -E 's/, of [0-9]+ cores/, of … cores/'
OMP_NUM_THREADS=7 sheaf map mean -q a.npy b.npy c.npy -o u.csv
sheaf map mean -j 4096 a.npy b.npy c.npy -o v.csv 2>&1 | sed -E 's/, of [0-9]+ processors/, of … processors/'
sheaf map mean -j 1 a.npy b.npy c.npy -o w.csv
SHEAF_NUM_THREADS=1 sheaf map mean a.npy b.npy c.npy -o x.csv
OMP_NUM_THREADS=1 sheaf map mean a.npy b.npy c.npy -o y.csv 2>&1 | sed -E 's/, of [0-9]+ cores/, of … cores/'
