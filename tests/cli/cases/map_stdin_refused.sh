sheaf map mean -
