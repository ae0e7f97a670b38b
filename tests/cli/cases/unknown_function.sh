three
sheaf map maen a.npy
echo $?
sheaf map zzzzzzzz a.npy
