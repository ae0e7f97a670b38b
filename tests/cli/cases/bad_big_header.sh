three
printf '\223NUMPY\002\000\377\377\377\177{' >big.npy
sheaf map mean a.npy big.npy c.npy
