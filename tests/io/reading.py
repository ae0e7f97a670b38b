"""What `dump_file` reads of a file, and whether it is what a reference reader says."""

import os
import subprocess

import numpy as np

DUMP = os.environ["SHEAF_DUMP"]
failures = 0


def check(what, ok, *said):
    global failures
    if not ok:
        failures += 1
        print("FAILED:", what, *said)


def dump(path, *settings, cap=None, memory=None):
    """{name: ("OK", dtype, shape, bytes) or (status, message)}; the bytes of arrays in C order, native."""
    environment = dict(os.environ, **({"SHEAF_TEST_CAP": str(cap)} if cap else {}))
    command = [DUMP, path, *settings]
    if memory and not os.environ.get("SHEAF_SANITIZE"):
        command = ["/usr/bin/env", "bash", "-c", f"ulimit -v {memory}; exec \"$@\"", "-", *command]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment)
    check(f"{path}: dump_file ran", run.returncode == 0, run.returncode, run.stderr[-2000:])
    check(f"{path}: no library printed", "HDF5-DIAG" not in run.stderr, run.stderr[-2000:])
    parts = {}
    for line in run.stdout.splitlines():
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
