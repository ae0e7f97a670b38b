mkdir -p d/sub/deep
npy d/z.npy '<f8' '(1,)' 1
npy d/sub/y.npy '<f8' '(1,)' 2
npy d/sub/deep/x.npy '<f8' '(1,)' 3
echo text >d/notes.txt
ln -s . d/loop
sheaf map sum -r d
