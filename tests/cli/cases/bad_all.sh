sheaf map mean missing.npy gone.npy -o t.csv
echo $?
cat t.csv
