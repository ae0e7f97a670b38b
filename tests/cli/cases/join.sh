# The inputs as one array: along an axis, or stacked; beside --with, --select and parts; its outputs, names and plan.
npy d1.npy '<f8' '(2, 3)' 1 2 3 4 5 6
npy d2.npy '<f8' '(1, 3)' 7 8 9
npy e1.npy '<f8' '(2, 3)' 10 20 30 40 50 nan
sheaf map 'sum(x, axis=0), max(x)' --join 0 d1.npy d2.npy
sheaf map 'nanmean(x, axis=(0, 1))' --join new d1.npy e1.npy
sheaf map x --join 0 d1.npy d2.npy -o all.npy
values all.npy
ls -- *.csv 2>/dev/null
sheaf map sort --join -1 d1.npy e1.npy -o '{stem}-{index}.npy'
values d1..e1-0.npy
npy clim.npy '<f8' '(3,)' 1 1 1
sheaf map 'x - clim' --with clim=clim.npy --join 0 d1.npy d2.npy -o anomaly.npy
values anomaly.npy
npy each.npy '<f8' '(3, 3)' 1 1 1 1 1 1 1 1 1
sheaf map 'sum(x * w)' --with 'w=e*h.npy' --join 0 d1.npy d2.npy
sheaf map 'u=x, m=2*x' d1.npy -o p.npz
sheaf map 'u=x, m=2*x' d2.npy -o q.npz
sheaf map 'sum(x)' --join 1 --select u p.npz q.npz
sheaf map "sum(x['u']) + sum(x['m'])" --join 1 p.npz q.npz
sheaf map 'a=x, b=sum(x)' --join 0 d1.npy d2.npy -o whole.npz
sheaf info whole.npz
sheaf map --isolate mean --join 0 d1.npy d2.npy
sheaf map 'quantile(x, 0.5, axis=0)' --join new --each 2 d1.npy e1.npy -o median.npy
values median.npy
sheaf map --dry-run 'x * 2' --join new d1.npy e1.npy -o twice.npy | grep -v '^threads\|^peak'
printf 'd1.npy\nd2.npy\n' | sheaf map count_nonzero --join 0 --files-from -
