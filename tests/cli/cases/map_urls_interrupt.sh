# Ctrl-C ends transfers that would never end, and the run can be continued.
three
serve .
export url=http://127.0.0.1:$PORT
perl -e '
    my $sheaf = fork // die;
    if (!$sheaf) {
        $SIG{INT} = "DEFAULT";
        exec "sheaf", "map", "mean", "$ENV{url}/drip", "$ENV{url}/b.npy", "-o", "t.csv", "-q";
    }
    my $log = "";
    # It is at it when the server has been asked.
    until ($log =~ m{/drip}) {
        if (open my $in, "<", "log") { local $/; $log = <$in> // ""; }
    }
    kill "INT", $sheaf;
    waitpid $sheaf, 0;
    print "exit ", $? >> 8, " signal ", $? & 127, "\n";' 2>messages
sed 's/:[0-9]* of/: some of/; s/[0-9] of 2/some of 2/' messages | grep -o 'stopped by signal: some of 2 items were done'
