three
sheaf map square a.npy b.npy -o 'out-{stem}.npy'
ls
values out-b.npy
