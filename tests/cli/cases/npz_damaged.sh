three
npz d.npz a.npy=a.npy b.npy=b.npy c.npy=c.npy
perl -e 'open my $f, "+<:raw", "d.npz" or die; seek $f, 360, 0; print $f "x"; close $f'
sheaf map mean d.npz
echo "exit $?"
head -c 700 d.npz > cut.npz
sheaf map mean cut.npz
