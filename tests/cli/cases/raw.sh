perl -e 'print pack("s>*", 1 .. 12)' > x.bin
sheaf map 'sum(x), x.size' x.bin --read format=raw --read dtype=int16 --read endian=big
sheaf map 'x[1, 2], x[2, 1]' x.bin --read format=raw --read 'dtype=>i2' --read shape=4,3 --read skip=0
sheaf map 'x[1, 2], x[2, 1]' x.bin --read format=raw --read 'dtype=>i2' --read shape=4,3 --read order=F
sheaf info x.bin --read format=raw --read 'dtype=>i2' --read shape=-1,4
sheaf map sum x.bin --read format=raw --read dtype=f8 --read shape=4,3
echo "exit $?"
sheaf map sum x.bin --read format=raws
echo "exit $?"
sheaf map sum x.bin --read dtpye=f8
echo "exit $?"
sheaf map sum x.bin
echo "exit $?"
sheaf map --memory 1G --dry-run sum x.bin --read format=raw --read 'dtype=>i2'
