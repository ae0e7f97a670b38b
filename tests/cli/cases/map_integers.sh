npy i.npy '<i4' '(2, 3)' 1 2 3 4 5 -6
npy u.npy '|u1' '(3,)' 250 251 255
npy b.npy '|b1' '(4,)' 1 0 1 1
for f in sum min max argmax any; do echo $f; sheaf map $f i.npy u.npy b.npy; done
