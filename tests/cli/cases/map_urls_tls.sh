# A certificate that nobody vouches for is refused.
command -v openssl >which || { echo "no openssl"; exit 77; }
three
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -out certificate -days 2 \
    -subj /CN=localhost 2>messages
serve . certificate key
told sheaf map mean "https://127.0.0.1:$PORT/a.npy" b.npy
