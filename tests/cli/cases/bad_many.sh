# Five are told, the rest is counted, and the file with all of them is named.
three
sheaf map mean a.npy m1 m2 m3 m4 m5 m6 m7 m8 c.npy -o t.csv
echo $?
cat t.csv
cut -d, -f1-4 t.csv.items.csv
