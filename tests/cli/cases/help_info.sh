sheaf info --help
