three
echo precious >t.csv
sheaf map mean a.npy -o t.csv
echo $?
cat t.csv
sheaf map mean -f a.npy -o t.csv
cat t.csv
