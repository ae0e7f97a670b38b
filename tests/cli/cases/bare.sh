sheaf
