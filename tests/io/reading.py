"""What `dump_file` reads of a file, and whether it is what a reference reader says."""

import os
import subprocess
import tempfile

import numpy as np

DUMP = os.environ["SHEAF_DUMP"]
failures = 0


def check(what, ok, *said):
    global failures
    if not ok:
        failures += 1
        print("FAILED:", what, *said)


class Server:
    """One dump_file for many files: starting one takes longer than most of them. What it prints to stderr is kept."""

    def __init__(self, memory):
        self.told = tempfile.TemporaryFile()
        self.process = subprocess.Popen(within(memory, [DUMP, "-"]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.told,
                                        text=True, errors="replace")  # fmt: skip

    def ask(self, words):
        """The lines of the answer, its exit status, and what was printed to stderr."""
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith(".\t"):
                return lines, int(line[2:]), self.said()
            lines.append(line.rstrip("\n"))
        return lines, self.process.wait(), self.said()

    def said(self):
        self.told.seek(0)
        said = self.told.read().decode(errors="replace")
        self.told.seek(0)
        self.told.truncate()
        return said

    def close(self):
        self.process.stdin.close()
        check("dump_file ended well", self.process.wait() == 0, self.process.returncode, self.said()[-2000:])


def within(memory, command):
    """With so many kB of addresses, None: as many as there are; sanitizers take more than any limit."""
    if not memory or os.environ.get("SHEAF_SANITIZE"):
        return command
    return ["/usr/bin/env", "bash", "-c", f"ulimit -v {memory}; exec \"$@\"", "-", *command]


servers = {}


def ask_server(words, memory):
    if memory not in servers:
        servers[memory] = Server(memory)
    answer = servers[memory].ask(words)
    if servers[memory].process.poll() is not None:
        del servers[memory]
    return answer


def ask_alone(command, environment):
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment)
    return run.stdout.splitlines(), run.returncode, run.stderr


def finish():
    """All checks are done: the exit status."""
    for server in servers.values():
        server.close()
    print("failures:", failures)
    return failures > 0


def dump(path, *settings, cap=None, memory=None):
    """{name: ("OK", dtype, shape, bytes) or (status, message)}; the bytes of arrays in C order, native."""
    environment = dict(os.environ, **({"SHEAF_TEST_CAP": str(cap)} if cap else {}))
    words = [path, *settings]
    if cap or any("\t" in word or "\n" in word or not word for word in words):
        lines, status, said = ask_alone(within(memory, [DUMP, *words]), environment)
    else:
        lines, status, said = ask_server(words, memory)
    check(f"{path}: dump_file ran", status == 0, status, said[-2000:])
    check(f"{path}: no library printed", "HDF5-DIAG" not in said, said[-2000:])
    parts = {}
    for line in lines:
        fields = line.split("\t")
        if len(fields) > 2 and fields[1] == "OK":
            shape = tuple(int(n) for n in fields[3].split(",") if n)
            parts[fields[0]] = ("OK", fields[2], shape, bytes.fromhex(fields[4]))
        elif len(fields) > 2:
            parts[fields[0]] = (fields[1], "\t".join(fields[2:]))
    return parts


def native(a):
    return np.ascontiguousarray(a).astype(a.dtype.newbyteorder("="))


def expect(path, name, got, a):
    """Equal to the bit, NaNs of any kind being equal."""
    a = np.asanyarray(a)
    if got is None or got[0] != "OK":
        check(f"{path}:{name}: is read", False, got)
        return
    check(f"{path}:{name}: dtype and shape", got[1:3] == (a.dtype.name, a.shape), got[1:3], a.dtype.name, a.shape)
    if got[1:3] == (a.dtype.name, a.shape):
        values = np.frombuffer(got[3], native(a).dtype).reshape(a.shape)
        same = values.tobytes() == native(a).tobytes() or np.array_equal(values, a, equal_nan=a.dtype.kind in "fc")
        check(f"{path}:{name}: values", same, values.ravel()[:5], a.ravel()[:5])


def larger_than_memory(path, part):
    """Read piece by piece, it gives the bytes that reading it whole gives."""
    for directory in ("all", "pieces"):
        os.makedirs(directory, exist_ok=True)
    for k, function in enumerate(("(x - mean(x, axis=0)) / std(x, axis=0)", "sum(x * x, axis=-1)")):
        for directory, memory in (("all", []), ("pieces", ["--memory", "1M"])):
            sheaf("map", "-q", "-f", *memory, function, f"{path}:{part}", "-o", f"{directory}/{k}.npy")
        same = open(f"all/{k}.npy", "rb").read() == open(f"pieces/{k}.npy", "rb").read()
        check(f"{path}:{part}: {function} in 1 MB: the same bytes", same)


def slices(path, axis, a, *arguments):
    """Slices along an axis, by number or name (number, name), are those of a."""
    for said in axis:
        sheaf("map", "-q", "-f", "x", "--each", str(said), path, *arguments, "-o", "slices.npy")
        got, want = np.load("slices.npy"), np.moveaxis(a, axis[0], 0)
        same = got.dtype == want.dtype and np.array_equal(got, want, equal_nan=a.dtype.kind in "fc")
        check(f"{path} cut along {said}", same, got.dtype, got.shape, want.dtype, want.shape)


def sheaf(*arguments, status=0):
    run = subprocess.run([os.environ["SHEAF"], *arguments], capture_output=True, text=True)
    ok = status is None or run.returncode == status
    check(f"sheaf {arguments[:3]}: exit {status}", ok, run.returncode, run.stderr)
    return run
