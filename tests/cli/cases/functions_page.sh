sheaf functions stats
sheaf functions absolute
