: >empty
sheaf map sum --files-from empty
echo $?
sheaf map sum --files-from - </dev/null
echo $?
sheaf map sum --files-from missing
echo $?
sheaf map sum -0 a.npy
