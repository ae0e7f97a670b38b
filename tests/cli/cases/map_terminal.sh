# On a terminal the table is aligned, and numbers are short.
command -v script >/dev/null || { echo "no script(1)"; exit 77; }
npy third.npy '<f8' '(3,)' 1 2 2
npy large.npy '<f8' '(2,)' 1e10 3e10
script -qec 'sheaf map stats third.npy large.npy --no-progress' /dev/null </dev/null | tr -d '\r'
