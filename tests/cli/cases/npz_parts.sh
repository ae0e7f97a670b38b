three
header object.npy "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }"
echo 'not an array' > notes.txt
npz d.npz a.npy=a.npy bad.npy=object.npy notes.txt=notes.txt 'deep/b.npy=b.npy'
cp a.npy 'd.npz:file'
sheaf map mean d.npz c.npy
echo "exit $?"
sheaf map mean d.npz:a d.npz:file 'd.npz:deep/b'
echo "exit $?"
sheaf map mean d.npz --select a --select none
echo "exit $?"
sheaf map mean a.npy --select a
echo "exit $?"
sheaf map 'x + w' --with w=d.npz:a b.npy
echo "exit $?"
sheaf map 'x * 2' d.npz:a 'd.npz:deep/b' -o out/
ls out
sheaf map mean d.npz:a -o d.npz
