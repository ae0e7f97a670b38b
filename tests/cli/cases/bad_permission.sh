[ "$(id -u)" -ne 0 ] || { echo "root reads everything"; exit 77; }
three
chmod 000 b.npy
sheaf map mean a.npy b.npy c.npy
