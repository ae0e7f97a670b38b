three
for out in s.mat s.h5 s; do sheaf map mean a.npy -o $out; echo $?; done
ls
