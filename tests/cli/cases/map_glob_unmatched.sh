sheaf map mean 'x*.npy'
