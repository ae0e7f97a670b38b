# A real server: ranges, passwords, the cache.
nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || { echo "no nginx"; exit 77; }
needs_urls
three
mkdir data tmp
mv ./*.npy data
printf 'me:{PLAIN}pw\n' >passwords
for PORT in $(perl -e 'print join " ", map { 20000 + int rand 40000 } 1 .. 20'); do
    cat >nginx.conf <<END
daemon off;
worker_processes 1;
$([ "$(id -u)" -ne 0 ] || echo "user root;")
pid $PWD/pid;
error_log $PWD/errors;
events {}
http {
    client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
    log_format short '\$request_uri \$status';
    access_log $PWD/access short;
    server {
        listen 127.0.0.1:$PORT;
        root $PWD/data;
        location /closed/ { alias $PWD/data/; auth_basic x; auth_basic_user_file $PWD/passwords; }
        location /old/ { return 301 /a.npy; }
    }
}
END
    "$nginx" -p "$PWD" -c nginx.conf 2>start & server=$!
    # It is there when its port answers, or gone.
    until (exec 4<>"/dev/tcp/127.0.0.1/$PORT") 2>connect; do kill -0 $server 2>connect || break; done
    kill -0 $server 2>connect && break
done
trap 'kill $server; wait $server' EXIT
url=http://127.0.0.1:$PORT
told sheaf map mean "$url/a.npy" "$url/b.npy" "$url/old/x" "$url/none.npy" --cache cache
told sheaf map mean "$url/a.npy" "$url/b.npy" --cache cache
told sheaf map mean "$url/closed/a.npy"
told sheaf map mean "$url/closed/a.npy" --header "Authorization: Basic $(printf me:pw | base64)"
printf 'machine 127.0.0.1 login me password pw\n' >.netrc
HOME=$PWD told sheaf map mean "$url/closed/c.npy" --netrc
told sheaf map mean "http://me:pw@127.0.0.1:$PORT/closed/b.npy"
sort access | uniq -c
