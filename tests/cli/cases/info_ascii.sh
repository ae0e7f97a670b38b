npy ramp.npy '<f8' '(6,)' 1 1 1 1 2 3
LC_ALL=C sheaf info ramp.npy
