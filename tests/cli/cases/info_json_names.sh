npy $'q"\\\t\n.npy' '|u1' '(1,)' 1
npy $'latin\xe9.npy' '|u1' '(1,)' 1
npy 'wörd.npy' '|u1' '(1,)' 1
sheaf info --json ./*.npy | grep path
