# What every case can use. Files are made byte by byte, so that no reader or writer of ours is trusted with them.

# npy FILE DESCR SHAPE VALUE...: an .npy 1.0 file; complex values as two numbers each.
npy() {
    perl -e '
        my ($file, $descr, $shape, @values) = @ARGV;
        my %template = ("<f8" => "d<", ">f8" => "d>", "<f4" => "f<", "<c16" => "d<", "<i8" => "q<", "<i4" => "l<",
                        "<i2" => "s<", "<u2" => "S<", "|u1" => "C", "|i1" => "c", "|b1" => "C");
        my $header = "{\x27descr\x27: \x27$descr\x27, \x27fortran_order\x27: False, \x27shape\x27: $shape, }";
        $header .= " " x (127 - 10 - length $header) . "\n";
        open my $out, ">:raw", $file or die "$file: $!";
        print $out "\x93NUMPY\x01\x00", pack("S<", length $header), $header;
        print $out pack(($template{$descr} // "d<") . "*", @values);
        close $out or die;' -- "$@"
}

# header FILE DICT: an .npy 1.0 header with this dictionary, and no data.
header() {
    perl -e '
        my ($file, $dict) = @ARGV;
        $dict .= " " x ((64 - (11 + length $dict) % 64) % 64) . "\n";
        open my $out, ">:raw", $file or die "$file: $!";
        print $out "\x93NUMPY\x01\x00", pack("S<", length $dict), $dict;' -- "$@"
}

# values FILE: the doubles of an .npy file with a 128-byte header.
values() {
    perl -e '
        open my $in, "<:raw", $ARGV[0] or die "$ARGV[0]: $!";
        local $/;
        my $bytes = <$in>;
        my $data = substr $bytes, 10 + unpack("S<", substr $bytes, 8, 2);
        print join(" ", unpack("d<*", $data)), "\n";' -- "$1"
}

# Three good files of four doubles each.
three() {
    npy a.npy '<f8' '(4,)' 1 2 3 4
    npy b.npy '<f8' '(4,)' 10 20 30 40
    npy c.npy '<f8' '(4,)' 5 5 5 9
}

# npz FILE NAME=FILE.npy...: an archive of stored members, its sums by perl itself.
npz() {
    perl -e '
        my ($file, @members) = @ARGV;
        my @table = map { my $c = $_; $c = $c & 1 ? 0xEDB88320 ^ ($c >> 1) : $c >> 1 for 1 .. 8; $c } 0 .. 255;
        my ($bytes, $directory) = ("", "");
        for (@members) {
            my ($name, $from) = split /=/, $_, 2;
            open my $in, "<:raw", $from or die "$from: $!";
            my $data = do { local $/; <$in> };
            my $sum = 0xFFFFFFFF;
            $sum = $table[($sum ^ $_) & 255] ^ ($sum >> 8) for unpack "C*", $data;
            my $common = pack "vvvvvVVVvv", 20, 0, 0, 0, 33, $sum ^ 0xFFFFFFFF, length $data, length $data, length $name, 0;
            $directory .= "PK\x01\x02" . pack("v", 20) . $common . pack("vvvVV", 0, 0, 0, 0, length $bytes) . $name;
            $bytes .= "PK\x03\x04$common$name$data";
        }
        open my $out, ">:raw", $file or die "$file: $!";
        print $out $bytes, $directory, "PK\x05\x06", pack "vvvvVVv", 0, 0, @members + 0, @members + 0, length $directory, length $bytes, 0;
        close $out or die;' -- "$@"
}

# waits.c: the sum of x, one line in the file `calls` for each. The item that begins with -1 says so through the fifo
# `here` and waits for the fifo `go`, unless there is a file `quick`.
waits() {
    mkfifo here go
    cat >waits.c <<'END'
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

double waits(const double *x, size_t n)
{
    char byte, line[32];
    double sum = 0;
    int calls = open("calls", O_WRONLY | O_CREAT | O_APPEND, 0666);
    int length = snprintf(line, sizeof line, "%g\n", x[0]);
    if (write(calls, line, (size_t)length) != length)
        return 0;
    close(calls);
    if (x[0] == -1 && access("quick", F_OK) != 0) {
        int here = open("here", O_WRONLY), go;
        close(here);
        go = open("go", O_RDONLY);
        while (read(go, &byte, 1) > 0)
            ;
        close(go);
    }
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}
END
}

# needs_urls: the case is skipped in a build without libcurl. (This URL is none.)
needs_urls() {
    if sheaf info http://:1/ 2>&1 | grep -q 'reads no URLs'; then
        echo "a build without libcurl"
        exit 77
    fi
}

# serve DIRECTORY [CERTIFICATE KEY]: tests/urls/server.py on $PORT, until this shell ends; its requests are in ./log.
serve() {
    needs_urls
    coproc SERVER { exec python3 "${BASH_ENV%/*}/../urls/server.py" "$1" log "${@:2}"; }
    read -r PORT <&"${SERVER[0]}"
}

# told COMMAND...: standard output, then the messages, $PORT being PORT, and the status of the command.
told() {
    "$@" >told.out 2>told.err
    local status=$?
    sed "s/:$PORT/:PORT/g" told.out told.err
    rm told.out told.err
    return $status
}

# taken PID: wait until PID has taken the signals that it was sent.
taken() {
    while grep -q '^S[a-z]*Pnd:.*[^0[:space:]]' "/proc/$1/task/"*/status 2>/dev/null; do
        :
    done
}
