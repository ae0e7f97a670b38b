three
sheaf map mean a.npy missing.npy b.npy -o t.csv --memory 1G --report r.json 2>/dev/null
echo $?
sed -E 's/("(ended|version)": )"[^"]*"/\1"…"/; s/("(seconds|map_seconds)": )[0-9.e-]+/\1…/' r.json
ls -A
