sheaf functions --json sqrt
[ "$(sheaf functions --json | grep -c '"name"')" = "$(sheaf functions | grep -c '^  [a-z]')" ] && echo "all of the list"
