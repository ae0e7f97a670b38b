three
header bad.npy "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }"
sheaf map mean a.npy b.npy c.npy --halt=50% -o t.csv && cat t.csv
