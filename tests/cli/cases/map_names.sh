npy 'with space.npy' '<f8' '(1,)' 1
npy 'with,comma.npy' '<f8' '(1,)' 2
npy 'with"quote.npy' '<f8' '(1,)' 3
npy $'with\nnewline.npy' '<f8' '(1,)' 4
npy ./-dash.npy '<f8' '(1,)' 5
npy 'wörd.npy' '<f8' '(1,)' 6
sheaf map sum with* w*rd.npy ./-dash.npy
sheaf map sum -- -dash.npy
sheaf map sum -dash.npy
