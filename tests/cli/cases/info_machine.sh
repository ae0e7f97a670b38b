sheaf info --machine | cut -c1-13
sheaf info --machine --json | grep -o '"[a-z_]*":'
sheaf info --machine a.npy
