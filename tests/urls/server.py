#!/usr/bin/env python3
"""A small HTTP server with faults, for tests.

    server.py DIRECTORY LOG [CERTIFICATE KEY]

Serves files of DIRECTORY on a free port of 127.0.0.1 and 127.0.0.2, prints that port, and ends when its standard input
does. Every request is a line of LOG before it is answered: method, path with query, and the headers that tests look at.
What comes before the file's name in the path is the fault; where a number K comes with it, of the first K requests.

    /FILE                      ETag, ranges, conditions
    /plain/FILE                neither ETag nor date
    /dated/FILE                a date, no ETag
    /drop/K/FILE               breaks off after half of what it was to send
    /dropplain/K/FILE          the same, without ETag or date
    /replace/K/FILE            breaks off, and then the file is another version (its ETag and its bytes change)
    /busy/K/CODE/SECONDS/FILE  CODE, with Retry-After where SECONDS is not -
    /drip, /endless, /headers  a byte each 20 ms; bytes, headers without end
    /longer/FILE, /shorter/FILE   a Content-Length too large, too small
    /nolength/FILE             no length: the end of the connection is the end
    /gzip/FILE                 in Content-Encoding: gzip, unasked
    /slow/MS/FILE              answers after so many milliseconds
    /hold/KEY/FILE             does not answer before somebody has asked for /release/KEY
    /to/CODE/URL               a redirect (URL with %3A and so on)
    /loop, /hops/N/FILE        a redirect to itself; N redirects
"""
import gzip, hashlib, os, socket, ssl, sys, threading, time
from urllib.parse import unquote

directory, log = sys.argv[1:3]
lock = threading.Lock()
counts = {}
released = {}


def note(line):
    with lock, open(log, "a") as out:
        out.write(line + "\n")


def count(path):
    with lock:
        counts[path] = counts.get(path, 0) + 1
        return counts[path]


def event(key):
    with lock:
        return released.setdefault(key, threading.Event())


def read_request(stream):
    """Method, path, headers; None at the end."""
    line = stream.readline().decode("latin-1").split()
    if len(line) < 2:
        return None
    headers = {}
    while True:
        text = stream.readline().decode("latin-1").strip()
        if not text:
            return line[0], line[1], headers
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()


class Answer:
    def __init__(self, connection, method, path, headers):
        self.connection, self.method, self.path, self.headers = connection, method, path, headers

    def send(self, code, fields=(), body=b"", length=None):
        head = [f"HTTP/1.1 {code} Test"] + list(fields)
        if length is not False:
            head.append(f"Content-Length: {len(body) if length is None else length}")
        self.connection.sendall("\r\n".join(head + ["", ""]).encode() + (b"" if self.method == "HEAD" else body))
        return True

    def file(self, name, version="", tag=True, date=False, half=False):
        try:
            with open(os.path.join(directory, name), "rb") as source:
                data = source.read()
        except OSError:
            return self.send(404, body=b"no such file\n")
        data = data[:-len(version)] + version.encode() if version else data
        etag = '"' + hashlib.md5(data).hexdigest() + '"'
        date_text = "Mon, 02 Jan 2023 03:04:05 GMT"
        fields = ["Accept-Ranges: bytes"] + ([f"ETag: {etag}"] if tag else [])
        fields += [f"Last-Modified: {date_text}"] if date else []
        if tag and self.headers.get("if-none-match") == etag or \
                date and not tag and self.headers.get("if-modified-since") == date_text:
            return self.send(304, fields, length=False)
        code, start, whole = 200, 0, len(data)
        asked = self.headers.get("range", "")
        if asked.startswith("bytes=") and self.headers.get("if-range", etag) in (etag, date_text):
            code, start = 206, int(asked[6:].split("-")[0])
            fields.append(f"Content-Range: bytes {start}-{whole - 1}/{whole}")
        data = data[start:]
        if half:
            self.send(code, fields, data[: len(data) // 2], len(data))
            return False
        return self.send(code, fields, data)

    def answer(self):
        parts = self.path.split("?")[0].strip("/").split("/")
        method = getattr(self, "do_" + parts[0].replace(".", "_"), None)
        return method(*parts[1:]) if method else self.file("/".join(parts))

    def do_plain(self, name):
        return self.file(name, tag=False)

    def do_dated(self, name):
        return self.file(name, tag=False, date=True)

    def do_drop(self, k, name):
        return self.file(name, half=count(self.path) <= int(k))

    def do_dropplain(self, k, name):
        return self.file(name, tag=False, half=count(self.path) <= int(k))

    def do_replace(self, k, name):
        early = count(self.path) <= int(k)
        return self.file(name, version="" if early else "\0" * 8, half=early)

    def do_busy(self, k, code, seconds, name):
        if count(self.path) > int(k):
            return self.file(name)
        return self.send(code, [] if seconds == "-" else [f"Retry-After: {seconds}"], b"busy\n")

    def do_drip(self):
        self.send(200, ["Content-Type: text/plain"], b"", 1 << 20)
        while True:
            self.connection.sendall(b"x")
            time.sleep(0.02)

    def do_endless(self):
        self.send(200, ["Connection: close"], b"", False)
        while True:
            self.connection.sendall(bytes(1 << 16))

    def do_headers(self):
        self.connection.sendall(b"HTTP/1.1 200 Test\r\n")
        while True:
            self.connection.sendall(b"X-Again: and again\r\n" * 1000)

    def do_longer(self, name):
        self.longer(name, 1000)
        return False

    def do_shorter(self, name):
        self.longer(name, -100)
        return False

    def longer(self, name, by):
        with open(os.path.join(directory, name), "rb") as source:
            data = source.read()
        self.send(200, [], data, len(data) + by)

    def do_nolength(self, name):
        with open(os.path.join(directory, name), "rb") as source:
            self.send(200, ["Connection: close"], source.read(), False)
        return False

    def do_gzip(self, name):
        with open(os.path.join(directory, name), "rb") as source:
            return self.send(200, ["Content-Encoding: gzip", 'ETag: "z"'], gzip.compress(source.read()))

    def do_slow(self, milliseconds, name):
        time.sleep(int(milliseconds) / 1000)
        return self.file(name)

    def do_hold(self, key, name):
        event(key).wait()
        return self.file(name)

    def do_release(self, key):
        event(key).set()
        return self.send(200, [], b"released\n")

    def do_to(self, code, url):
        return self.send(code, ["Location: " + unquote(url)])

    def do_loop(self):
        return self.send(302, ["Location: /loop"])

    def do_hops(self, n, name):
        return self.send(302, ["Location: " + (f"/hops/{int(n) - 1}/{name}" if int(n) > 1 else f"/{name}")])


def serve(connection):
    try:
        with connection, connection.makefile("rb") as stream:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while request := read_request(stream):
                method, path, headers = request
                shown = [f"{name}={headers[name]}" for name in
                         ("authorization", "x-test", "range", "if-range", "if-none-match", "if-modified-since")
                         if name in headers]
                note(" ".join([method, path, *shown]))
                if not Answer(connection, method, path, headers).answer():
                    return
    except OSError:
        pass


def accept(listener, wrap):
    while True:
        connection, _ = listener.accept()
        try:
            connection = wrap(connection)
        except OSError:
            continue
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def main():
    wrap = lambda connection: connection
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[3:5])
        wrap = lambda connection: context.wrap_socket(connection, server_side=True)
    port = 0
    for host in ("127.0.0.1", "127.0.0.2"):
        listener = socket.create_server((host, port), backlog=128)
        port = listener.getsockname()[1]
        threading.Thread(target=accept, args=(listener, wrap), daemon=True).start()
    os.write(1, f"{port}\n".encode())  # at once: whoever reads it may close the pipe then
    sys.stdin.buffer.read()


main()
