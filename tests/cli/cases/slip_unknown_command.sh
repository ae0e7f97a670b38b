sheaf mpa mean x.npy
echo $?
sheaf frobnicate
echo $?
sheaf --verison
