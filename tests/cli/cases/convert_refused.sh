# What is refused before anything is written, and says what to do.
npy a.npy '<f8' '(2,)' 1 2
npy b.npy '<f8' '(2,)' 3 4
npy z.npy '<c16' '(1,)' 1 2
npy h.npy '<f2' '(1,)' 1
sheaf convert
sheaf convert a.npy
sheaf convert a.npy -o -
sheaf convert a.npy b.npy -o c.npy
sheaf convert a.npy b.npy -o c.csv
sheaf convert a.npy -o c.mat
sheaf convert a.npy -o a.npy
sheaf convert a.npy -o 'out/{stem}.txt'
sheaf convert --dtype float99 a.npy -o c.npy
sheaf convert --order D a.npy -o c.npy
sheaf convert --endian middle a.npy -o c.npy
sheaf convert --endian big a.npy -o c.nc
sheaf convert --isolate a.npy -o c.npy
sheaf convert z.npy -o z.csv
sheaf convert z.npy -o z.nc
sheaf convert h.npy -o h.nc
mkdir same && cp a.npy same/
sheaf convert a.npy same/a.npy -o both.npz
ls
