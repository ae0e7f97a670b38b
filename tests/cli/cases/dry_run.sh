three
sheaf map --dry-run stats a.npy b.npy missing.npy -o t.csv | grep -v '^peak'
echo "${PIPESTATUS[0]}"
ls
