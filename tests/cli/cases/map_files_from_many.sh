# More names than a command line takes: 300,000 of 20 letters.
npy a.npy '<f8' '(4,)' 1 2 3 4
yes ././././././././a.npy | head -n 300000 >list
(sheaf map mean $(cat list)) >/dev/null 2>told
echo $?
sed 's/.*: //' told
sheaf map mean --files-from list -o t.csv
uniq -c t.csv | sed 's/^ *//'
