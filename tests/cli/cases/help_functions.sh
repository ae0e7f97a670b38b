sheaf functions --help
