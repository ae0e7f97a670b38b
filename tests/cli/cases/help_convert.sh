sheaf convert --help
