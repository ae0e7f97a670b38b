# URLs beside files: formats, parts, redirects, what breaks on the way, what is not there, and outputs of each kind.
three
npz z.npz one.npy=a.npy two.npy=b.npy
gzip -k b.npy
printf 'x,y\n1,2\n3,4\n' >t.csv
serve .
url=http://127.0.0.1:$PORT
told sheaf map mean "$url/a.npy" b.npy "$url/drop/1/b.npy" "$url/b.npy.gz" "$url/t.csv?id=7" "$url/z.npz#two" "$url/z.npz" \
    "$url/hops/2/c.npy" "$url/get/none.npy" "$url/loop"
printf '%s\n' "$url/a.npy?1" b.npy "$url/a.npy?2" >list
told sheaf map 'x * 2' --files-from list -o twice.npy
values twice.npy
sed "s/$PORT/PORT/g" twice.npy.items.csv
told sheaf map 'x * w' --with w="$url/c.npy" --files-from list -o 'out/{stem}.npy' && ls out
told sheaf map "mean(x['one']) + mean(x['two'])" "$url/z.npz"
told sheaf map mean --select one "$url/z.npz" z.npz
told sheaf map --dry-run mean "$url/a.npy" b.npy | grep items
told sheaf info "$url/z.npz" "$url/none.npy"
told sheaf map mean --each 0 "$url/a.npy"
