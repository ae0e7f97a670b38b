three
mkdir out
echo precious >out/b.npy
sheaf map square a.npy b.npy -o out/
echo $?
ls out
cat out/b.npy
