# One file, several, and one that fails; what is finished is not done again.
npy a.npy '<f8' '(2, 2)' 1 2.5 -0.0 nan
npy b.npy '<i2' '(3,)' 1 2 300
printf '1,2\n3,x\n' >bad.csv
sheaf convert a.npy -o a.csv && cat a.csv
sheaf convert a.npy b.npy -o both.npz && sheaf info both.npz
sheaf convert --dtype int8 b.npy -o small.npy
sheaf convert a.npy b.npy bad.csv -o 'out/{stem}.nc' --no-history
ls out
sheaf convert a.npy b.npy bad.csv -o 'out/{stem}.nc' --no-history
printf '1,2\n3,4\n' >bad.csv
sheaf convert a.npy b.npy bad.csv -o 'out/{stem}.nc' --no-history --resume
sheaf convert a.npy b.npy bad.csv -o 'out/{stem}.nc' --no-history --resume
sheaf info out/bad.nc
sheaf convert --dry-run a.npy -o new.nc | head -5
sheaf convert --dry-run b.npy -o both.npz | head -1
ls
