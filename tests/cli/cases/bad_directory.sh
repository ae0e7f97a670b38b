# Named in a list, a directory is an item that fails.
three
mkdir d.npy
printf 'a.npy\nd.npy\nc.npy\n' | sheaf map mean --files-from -
