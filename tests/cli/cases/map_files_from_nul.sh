npy $'new\nline.npy' '<f8' '(1,)' 1
npy 'b b.npy' '<f8' '(1,)' 2
find . -name '*.npy' -print0 | sort -z | sheaf map sum --files-from - -0
