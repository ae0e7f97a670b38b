three
for j in 1 2 7; do sheaf map stats -q -j $j a.npy b.npy c.npy | cksum; done | uniq | wc -l
