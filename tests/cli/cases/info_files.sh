npy ramp.npy '<f8' '(2, 16)' $(seq 0 31)
npy big.npy '>f8' '(4,)' 1 2 2 3
npy i.npy '<i4' '(3,)' -1 0 1
npy b.npy '|b1' '(4,)' 1 0 1 1
npy scalar.npy '<f4' '()' 2.5
npy none.npy '<f8' '(0, 3)'
npy z.npy '<c16' '(2,)' 1 2 3 -2
header fortran.npy "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 1), }"
printf '\001\002' >>fortran.npy
sheaf info ramp.npy big.npy i.npy b.npy scalar.npy none.npy z.npy fortran.npy
