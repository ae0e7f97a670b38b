three
sheaf map mean --progress a.npy b.npy c.npy -o t.csv 2>err
grep -c 'of 3 items' err | grep -vx 0 >/dev/null && echo progress
tail -n 1 err
sheaf map mean --progress --no-progress a.npy -o u.csv
