sheaf functions | grep -E '^([a-z]|$)|^  (mean|sort|sqrt|stats|rfft|add) '
