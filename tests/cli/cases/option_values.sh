three
for option in --jobs=0 --jobs=many -j --halt=0 --halt=120% --halt=x --color=blue --quiet=1 -o; do
    sheaf map mean a.npy $option
    echo "$option: $?"
done
