three
for program in 'maen(x)' 'x +' '1 < x < 2' 'mean(x, axs=0)' 'x and x' '' 'mean(x), mean(x)'; do
    sheaf map "$program" a.npy
    echo $?
done
sheaf map 'x + [1, 2]' a.npy b.npy -o t.csv
echo $?
cat t.csv.items.csv
sheaf map 'x @ w' --with w=missing.npy a.npy
echo $?
sheaf map 'x @ w' --with w a.npy
echo $?
sheaf map 'x @ w' --with mean=a.npy a.npy
echo $?
sheaf map 'x @ w' --with w=a.npy --with w=b.npy a.npy
echo $?
sheaf map -p missing.txt a.npy
echo $?
