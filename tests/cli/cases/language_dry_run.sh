three
sheaf map --dry-run -v '(x - mean(x)) / std(x), sort(x * 2)[0]' a.npy b.npy -o out/ | grep -v '^peak'
