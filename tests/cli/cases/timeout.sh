# A thousand numbers, a million sines of them: more than a millisecond by far.
npy long.npy '<f8' '(3000,)'
truncate -s $((128 + 24000)) long.npy
npy short.npy '<f8' '(3,)' 1 2 3
program='sum(exp(sin(outer(x, x))))'
sheaf map "$program" --timeout 100 long.npy short.npy | cut -d, -f1
sheaf map "$program" --timeout=0.001 --retries 2 long.npy -o t.csv 2>err
echo $?
head -n 2 t.csv
grep -o '^0,long.npy,TIMEOUT,3,' t.csv.items.csv
sed -E 's/this took too long|reading long.npy took too long/…/' err | head -n 2
for limit in 0 -1 nan inf 1s '' 1e10; do
    sheaf map mean --timeout="$limit" short.npy
    echo "$limit: $?"
done
sheaf map mean --retries=-1 short.npy
sheaf map mean --retries=some short.npy
