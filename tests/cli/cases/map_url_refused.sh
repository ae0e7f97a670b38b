sheaf map mean https://example.org/a.npy
