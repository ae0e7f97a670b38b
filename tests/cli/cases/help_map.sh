sheaf map --help && sheaf help map | cmp - <(sheaf map -h)
