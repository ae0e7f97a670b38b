# Items that fail leave no file; the others have theirs.
three
head -c 100 b.npy >short.npy
sheaf map square a.npy short.npy c.npy -o out/
echo $?
find . -path './out*' | sort
cat out/.items.csv out.items.csv out/items.csv 2>/dev/null
true
