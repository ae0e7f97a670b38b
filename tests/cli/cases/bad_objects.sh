three
header object.npy "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }"
header struct.npy "{'descr': [('x', '<f8'), ('y', '<i4')], 'fortran_order': False, 'shape': (3,), }"
header string.npy "{'descr': '<U5', 'fortran_order': False, 'shape': (3,), }"
header date.npy "{'descr': '<M8[s]', 'fortran_order': False, 'shape': (3,), }"
sheaf map mean a.npy object.npy struct.npy string.npy date.npy c.npy
