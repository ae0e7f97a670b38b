three
printf 'b.npy\n\na.npy\n' >list
sheaf map sum --files-from list
sheaf map sum c.npy --files-from=- <list
