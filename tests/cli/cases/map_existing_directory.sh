# -o DIR means DIR/ when the directory is there.
three
mkdir out
sheaf map square a.npy -o out
ls out
