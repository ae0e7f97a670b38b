mkdir d
sheaf map sum -r d
