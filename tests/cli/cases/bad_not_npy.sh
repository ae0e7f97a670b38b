three
echo 'a,b,c' >text.npy
sheaf map mean a.npy text.npy c.npy
