three
sheaf map square a.npy b.npy -o out/
ls out
values out/a.npy
values out/b.npy
