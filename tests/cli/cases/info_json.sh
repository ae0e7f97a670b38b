npy n.npy '<f8' '(3,)' 1 nan 3
sheaf info --json n.npy missing.npy $'odd"\n.npy' 2>/dev/null
