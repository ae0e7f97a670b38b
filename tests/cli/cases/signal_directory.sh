# Files that were finished stay, each of them whole.
npy long.npy '<f8' '(1000000,)'
truncate -s $((128 + 8000000)) long.npy
mkdir many
for i in $(seq 3000); do ln -s ../long.npy many/$i.npy; done
mkfifo told
env --default-signal=INT sheaf map sum --no-sync --progress -r many -o out/ 2>told &
exec 3<told
read -r line <&3
kill -INT $!
cat <&3 >rest
wait $!
echo $?
find out -name '*.npy' ! -size 1 | wc -l
find out -name '.*' -type f | wc -l
