#!/bin/bash
# Peak memory of the command: at most --memory and 32 MiB, on batches of 20 times --memory, small and large items mixed.
#   rss.sh SHEAF RSS   (RSS prints the most memory that a command and what it started had, in KiB)
sheaf=$1 rss=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

# sparse NAME ELEMENTS: an .npy file of zeros that takes no room on the disk.
sparse() {
    local dict="{'descr': '<f8', 'fortran_order': False, 'shape': ($2,), }"
    printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "$dict" >"$1"
    truncate -s $((128 + 8 * $2)) "$1"
}

mkdir in
total=0 k=0
sizes=(500 12000 130000 400000 900000 1500000 2500000 3500000 3900000 5600000)
while [ $total -lt $((20 * (64 << 20))) ]; do
    n=${sizes[$((k * 7 % 10))]}
    sparse "in/$(printf %04d $k).npy" "$n"
    total=$((total + 8 * n)) k=$((k + 1))
done

failed=0
# at_most MIB ARGUMENT...: map with --memory MIB, and see what it took. Every item must have succeeded.
at_most() {
    local limit=$1 used
    shift
    used=$("$rss" "$sheaf" map -q --no-sync --memory "${limit}M" "$@" in/*.npy) || failed=1
    echo "$((used / 1024)) MiB of $limit: sheaf map $*"
    if [ "$used" -gt $(((limit + 32) * 1024)) ]; then
        failed=1
        echo "FAILED: more than $((limit + 32)) MiB"
    fi
}

at_most 64 -j 2 'mean(x), std(x)' -o t.csv
at_most 64 -j 1 'mean(x), std(x)' -f -o t.csv
at_most 64 -j 2 --isolate 'mean(x), std(x)' -f -o t.csv
at_most 128 -j 2 'x + 1' -o out/
# Alike and dear, each goes wide: two such would not fit.
rm in/*
for k in $(seq 20); do
    sparse "in/$k.npy" 8000000
done
at_most 64 -j 2 'mean(x), std(x)' -f -o t.csv
# Larger than the budget, by itself.
rm in/*
sparse in/one.npy 40000000
at_most 16 -j 2 'mean(x), std(x - 1), count_nonzero(x > 0)' -f -o t.csv
at_most 16 -j 2 'x > mean(x)' -o far/
# Slices: of the first axis, of the last, one by one and by slabs.
dict="{'descr': '<f8', 'fortran_order': False, 'shape': (20000, 2000), }"
printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "$dict" >in/one.npy
truncate -s $((128 + 8 * 40000000)) in/one.npy
at_most 16 -j 2 --each 0 'mean(x), std(x)' -f -o t.csv
at_most 16 -j 2 --each 1 'mean(x), std(x)' -f -o t.csv
# Containers too, where there is Python to make them: packed chunks, and records that other variables lie between.
if /usr/bin/python3 - 2>/dev/null <<'END'; then
import h5py, netCDF4, numpy
with h5py.File("chunked.h5", "w") as f:
    f.create_dataset("a", data=numpy.zeros((5000, 2000)), chunks=(100, 500), compression=1)
with netCDF4.Dataset("records.nc", "w", format="NETCDF3_64BIT_OFFSET") as f:
    f.createDimension("t", None), f.createDimension("x", 2000), f.set_fill_off()
    for name in "ab":
        f.createVariable(name, "f8", ("t", "x"))
    f["a"][4999] = f["b"][4999] = numpy.zeros(2000)
END
    rm in/*
    ln -s ../chunked.h5 in/chunked.npy
    ln -s ../records.nc in/records.npy
    at_most 16 -j 2 --select a 'mean(x), std(x - 1), count_nonzero(x > 0)' -f -o t.csv
    at_most 16 -j 2 --select a 'x > mean(x)' -o containers/
fi
exit $failed
