# The licence of FFTW is told exactly when it is linked.
sheaf --version | sed -nE '1s/^sheaf [0-9.]+ /sheaf VERSION /p'
sheaf --version | grep -o 'BSD 3-clause licence'
fft=$(sheaf info --machine | sed -n 's/^fft *//p')
gpl=$(sheaf --version | grep -c 'GNU General Public License')
if [ "$fft" = none ]; then echo "GPL told needlessly: $gpl"; else echo "GPL not told: $((1 - gpl))"; fi | sed 's/.*: //'
