# What is secret in a URL, or sent with it, is in no file that is left behind, and in no message.
three
serve .
run() {
    told sheaf map 'mean(x) + mean(w)' --header 'X-Test: SECRET' "http://me:SECRET@127.0.0.1:$PORT/a.npy?key=SECRET" b.npy \
        "http://127.0.0.1:$PORT/none.npy?key=SECRET#shown" --with "w=http://127.0.0.1:$PORT/c.npy?key=SECRET" \
        -o t.csv --report report --trace trace --cache cache "$@"
}
run
echo "status $?"
run
run --resume
echo "status $?"
grep -c 'x-test=SECRET' log
rm log
told sheaf info t.csv.sheaf-journal | grep -v 'last run\|output'
grep -r SECRET . || echo no secret
find cache -type f | grep SECRET
sed "s/$PORT/PORT/g" t.csv.items.csv
