# A link to itself cannot be opened, not even by root.
three
ln -s loop.npy loop.npy
sheaf map mean a.npy loop.npy c.npy
