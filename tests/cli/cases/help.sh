sheaf --help
