# One thread runs in order: the first failure ends the run.
three
sheaf map mean -j1 --halt missing.npy a.npy b.npy c.npy
echo $?
sheaf map mean -j1 --halt=2 missing.npy a.npy gone.npy c.npy
echo $?
sheaf map mean -j1 --halt=25% missing.npy a.npy b.npy c.npy
