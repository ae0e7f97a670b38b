sheaf new --help
