"""Files that NumPy, zipfile, gzip and zstd write, as `dump_file` reads them; and the same files damaged.

Expected values are NumPy's own. Of damaged files nobody tells what they hold: they are to be refused, or give what the
whole file gives, and never crash or take memory beyond reason (the sanitizers watch)."""

import gzip
import io
import os
import shutil
import struct
import subprocess
import sys
import zipfile

import numpy as np

from reading import check, dump, expect, finish, sheaf, slices


def arrays():
    rng = np.random.default_rng(7)
    return {
        "plain": rng.normal(size=(13, 5)),
        "zero_d": np.float64(2.5),
        "empty": np.zeros((0, 3), "i4"),
        "fortran": np.asfortranarray(rng.normal(size=(6, 4, 3)).astype("f4")),
        "big_endian": np.arange(1000).astype(">i2"),
        "big_fortran": np.asfortranarray(rng.normal(size=(11, 9)).astype(">f8")),
        "big_complex": (rng.normal(size=9) + 1j).astype(">c16"),
        "truth": rng.normal(size=77) > 0,
        "half": np.array([0, -1.5, np.nan, np.inf], "f2"),
        "several_pieces": rng.integers(0, 50, size=400_001).astype("<i8"),
        "swapped_pieces": rng.integers(0, 50, size=600_001).astype(">u4"),
        "m\u00fcnchen/data 1": np.arange(5, dtype="u1"),
    }


def written_by_numpy():
    every = arrays()
    np.savez("stored.npz", **every)
    np.savez_compressed("deflated.npz", **every)
    with zipfile.ZipFile("zip64.npz", "w", zipfile.ZIP_DEFLATED) as z, zipfile.ZipFile("stream.npz", "w") as s:
        for name, a in every.items():
            packed = io.BytesIO()
            np.lib.format.write_array(packed, np.asanyarray(a))
            with z.open(name + ".npy", "w", force_zip64=True) as member:
                member.write(packed.getvalue())
            with s.open(name + ".npy", "w") as member:
                member.write(packed.getvalue())
        z.writestr("README.txt", "not an array")

    class Pipe(io.RawIOBase):  # cannot seek, so that zipfile writes data descriptors
        def __init__(self, path):
            self.file = open(path, "wb")

        def writable(self):
            return True

        def write(self, data):
            return self.file.write(data)

    pipe = Pipe("descriptors.npz")
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as z:
        for name, a in every.items():
            packed = io.BytesIO()
            np.lib.format.write_array(packed, np.asanyarray(a))
            z.writestr(name + ".npy", packed.getvalue())
    pipe.file.close()
    for path in ("stored.npz", "deflated.npz", "zip64.npz", "descriptors.npz", "stream.npz"):
        got = dump(path)
        check(f"{path}: parts", list(got) == list(every), list(got))
        for name, a in every.items():
            expect(path, name, got.get(name), np.asanyarray(a))
    np.savez("none.npz")
    check("an archive of none", dump("none.npz") == {})


def sliced():
    rng = np.random.default_rng(4)
    small = ["--memory", "200K"]  # of files of 480, 240 and 960 KB
    for k, kind in enumerate((">f4", "i2", "f8")):
        for order in "CF":
            a = np.asarray((rng.normal(size=(300, 20, 20)) * 1000).astype(kind), order=order)
            np.save("sliced.npy", a)
            for axis in (0, 1, -1):
                slices("sliced.npy", (axis,), a.astype(kind.strip(">")), *(small if axis != k else []))
    np.savez("sliced.npz", a=a)
    np.savez_compressed("packed.npz", a=a)
    with open("sliced.npy", "rb") as f, gzip.open("sliced.npy.gz", "wb") as g:
        shutil.copyfileobj(f, g)
    np.savetxt("sliced.csv", a[0], delimiter=",", fmt="%.17g")
    slices("sliced.npz:a", (1,), a, *small)
    slices("packed.npz:a", (-1,), a)
    slices("sliced.npy.gz", (2,), a)
    got = sheaf("map", "max(x)", "--each", "0", "sliced.csv")
    rows = np.array([line.split(",")[1] for line in got.stdout.split()[1:]], float)
    check("rows of a table", np.array_equal(rows, a[0].max(axis=1)), got.stdout[:200])
    got = sheaf("map", "mean(x), std(x)", "--each", "-1", "sliced.npy", *small)
    rows = np.array([line.split(",")[1:] for line in got.stdout.split()[1:]], float)
    want = np.array([a.mean(axis=(0, 1)), a.std(axis=(0, 1))]).T
    check("means of slices", np.allclose(rows, want, rtol=1e-13), rows[:3], want[:3])


def packed():
    every = arrays()
    for name in ("plain", "fortran", "swapped_pieces", "empty", "zero_d"):
        a = np.asanyarray(every[name])
        np.save("x.npy", a)
        whole = open("x.npy", "rb").read()
        cut = len(whole) // 3
        with open("x.npy.gz", "wb") as f:
            f.write(gzip.compress(whole[:cut]) + gzip.compress(whole[cut:], 1) + bytes(512))
        expect("x.npy.gz", name, dump("x.npy.gz").get(""), a)
        if shutil.which("zstd"):
            subprocess.run("head -c 100 x.npy | zstd -q >x.zst; tail -c +101 x.npy | zstd -q -3 >>x.zst", shell=True, check=True)
            expect("x.zst", name, dump("x.zst").get(""), a)
    with open("deflated.npz", "rb") as f, gzip.open("deflated.npz.gz", "wb") as g:
        g.write(f.read())
    got = dump("deflated.npz.gz")
    for name, a in every.items():
        expect("deflated.npz.gz", name, got.get(name), np.asanyarray(a))
    whole = gzip.compress(open("x.npy", "rb").read())
    for n in range(3, len(whole)):
        open("cut.gz", "wb").write(whole[:n])
        check(f"gzip cut at {n} is refused", dump("cut.gz")["*" if n < 12 else next(iter(dump("cut.gz")))][0] == "FORMAT") \
            if n % 7 == 0 or n > len(whole) - 9 else None
    wrong = bytearray(whole)
    wrong[-6] ^= 1
    open("sum.gz", "wb").write(wrong)
    got = dump("sum.gz")
    check("gzip of a wrong sum is refused", [p[0] for p in got.values()] == ["FORMAT"], got)
    open("rest.gz", "wb").write(whole + b"rest")
    check("rubbish behind gzip is refused", [p[0] for p in dump("rest.gz").values()] == ["FORMAT"])


def raw():
    rng = np.random.default_rng(3)
    a = rng.normal(size=(24, 10))
    for dtype in ("f8", "f4", "i2", "c8", "f2"):
        for order in "CF":
            for endian in ("little", "big"):
                b = a.astype(np.dtype(dtype).newbyteorder("<" if endian == "little" else ">"))
                open("x.bin", "wb").write(b"\1\2\3" + b.tobytes(order=order))
                got = dump("x.bin", "format=raw", f"dtype={b.dtype.name}", "shape=24,-1", f"order={order}",
                           f"endian={endian}", "skip=3")
                expect("x.bin", f"{dtype} {order} {endian}", got.get(""), b)
    open("x.bin", "wb").write(bytes(range(250)))
    expect("x.bin", "bytes", dump("x.bin", "format=raw", "dtype=u1").get(""), np.arange(250, dtype="u1"))
    expect("x.bin", "none", dump("x.bin", "format=raw", "dtype=>f4", "skip=250").get(""), np.zeros(0, "f4"))
    for settings, word in ((["dtype=f8"], "250 bytes"), (["dtype=u1", "shape=251"], "make 251"), ([], "needs it said"),
                           (["dtype=f9"], "no such dtype"), (["dtype=u1", "shape=-1,-1"], "one of which"),
                           (["dtype=u1", "skip=251"], "shorter"), (["dtype=u1", "order=R"], "either C"),
                           (["dtype=u1", "shape=99999999999,99999999999"], "larger than"), (["wdith=3"], "no such setting"),
                           (["dtype=u1", "shape=7,"], "make 7"), (["dtype=u1", "shape=0,-1"], "make 0")):
        got = list(dump("x.bin", "format=raw", *settings).values())
        check(f"raw {settings}: says '{word}'", got and got[0][0] != "OK" and word in got[0][1], got)


def real(data):
    folder = os.path.join(data, "npz")
    if not os.path.isdir(folder):
        print("no folder of real data: that part is left out")
        return
    for file in sorted(os.listdir(folder)):
        path = os.path.join(folder, file)
        got = dump(path)
        with np.load(path, allow_pickle=False) as z:
            check(f"{file}: parts", list(got) == z.files, list(got), z.files)
            for name in z.files:
                try:
                    a = z[name]
                except ValueError:
                    check(f"{file}:{name}: an object array is refused", got[name][0] == "UNSUPPORTED", got[name])
                    continue
                expect(file, name, got.get(name), a)
    folder = os.path.join(data, "npy")
    for file in sorted(os.listdir(folder)):
        expect(file, "", dump(os.path.join(folder, file)).get(""), np.load(os.path.join(folder, file)))


def seed(method):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as z:
        for name, a in (("a", np.arange(4.0)), ("b", np.arange(3, dtype=">i2"))):
            member = io.BytesIO()
            np.lib.format.write_array(member, a)
            z.writestr(zipfile.ZipInfo(name + ".npy"), member.getvalue(), method)
    return packed.getvalue()


def damaged():
    """Truncation everywhere, every bit of what is not data: through one process a file, so only some of the bits."""
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        whole = seed(method)
        open("seed.npz", "wb").write(whole)
        good = dump("seed.npz")
        check("the seed is good", [p[0] for p in good.values()] == ["OK", "OK"], good)
        for n in range(0, len(whole), 11):
            open("cut.npz", "wb").write(whole[:n])
            got = dump("cut.npz")
            check(f"cut at {n} is refused", got and all(p[0] == "FORMAT" for p in got.values()), got)
        for bit in range(0, 8 * len(whole), 37):
            wrong = bytearray(whole)
            wrong[bit // 8] ^= 1 << bit % 8
            open("flip.npz", "wb").write(wrong)
            for name, part in dump("flip.npz").items():
                check(f"bit {bit}: never other data", part[0] != "OK" or part in good.values(), name, part)


def hostile():
    whole = bytearray(seed(zipfile.ZIP_STORED))
    directory = whole.rindex(b"PK\1\2")  # the second entry is made to point at the first member
    overlapping = bytearray(whole)
    overlapping[directory + 42 : directory + 46] = bytes(4)
    sizes = bytearray(whole)
    sizes[directory + 20 : directory + 28] = struct.pack("<II", 1 << 30, 1 << 30)
    entries = bytearray(whole)
    end = whole.rindex(b"PK\5\6")
    entries[end + 8 : end + 12] = struct.pack("<HH", 60000, 60000)
    for name, wrong in (("overlapping", overlapping), ("lying sizes", sizes), ("lying count", entries)):
        open("bad.npz", "wb").write(wrong)
        got = dump("bad.npz")
        check(f"{name}: refused", [p[0] for p in got.values()] == ["FORMAT"], got)
    for at, value, status in ((8, 1, "UNSUPPORTED"), (10, 12, "UNSUPPORTED"), (16, 99, "FORMAT")):
        one = bytearray(whole)
        one[directory + at] ^= value
        open("bad.npz", "wb").write(one)
        got = dump("bad.npz")
        check(f"entry byte {at}: only that member is refused", [p[0] for p in got.values()] == ["OK", status], got)


def bombs():
    """A gigabyte of zeros: read under the cap, or refused before it is unpacked."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 27,)})
    zeros = bytes(1 << 20)
    with zipfile.ZipFile("bomb.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z, gzip.open("bomb.gz", "wb", 1) as g:
        with z.open("x.npy", "w", force_zip64=True) as member:
            for out in (member, g):
                out.write(header.getvalue())
                for _ in range(1 << 10):
                    out.write(zeros)
    sanitized = bool(os.environ.get("SHEAF_SANITIZE"))
    for path in ("bomb.npz", "bomb.gz"):
        got = list(dump(path, cap=1 << 28, memory=None if sanitized else 2_000_000).values())
        check(f"{path}: refused under a cap of 256 MB", got and got[0][0] == "FORMAT" and "memory" in got[0][1], got)
    whole = bytearray(seed(zipfile.ZIP_DEFLATED))
    at = whole.rindex(b"PK\1\2")
    whole[at + 24 : at + 28] = struct.pack("<I", 1 << 31)
    open("claim.npz", "wb").write(whole)
    got = dump("claim.npz", memory=None if sanitized else 2_000_000)
    check("a claim beyond deflate is refused", got["b"][0] == "FORMAT" and "cannot make" in got["b"][1], got)


def written_by_us():
    """What `-o NAME.npz` writes, as NumPy and zipfile read it."""
    rng = np.random.default_rng(5)
    os.makedirs("in/deep", exist_ok=True)
    inputs = {f"in/{name}.npy": rng.normal(size=(4, 6)) for name in ("a", "b", "c")}
    for path, x in inputs.items():
        np.save(path, x)
    xs = list(inputs.values())
    for settings in ([], ["--write", "compression=deflate"]):
        sheaf("map", "m=mean(x), count=x.size, axis=max(x, axis=0)", *inputs, "-o", "s.npz", "-f", *settings)
        with np.load("s.npz", allow_pickle=False) as z:
            check("names of outputs", z.files == ["m", "count", "axis"], z.files)
            check("scalars", np.allclose(z["m"], [x.mean() for x in xs], rtol=1e-15) and z["count"].tolist() == [24] * 3)
            check("vectors", np.array_equal(z["axis"], [x.max(axis=0) for x in xs]))
        sheaf("map", "x[::-1].T", *inputs, "-o", "e.npz", "-f", *settings)
        with np.load("e.npz", allow_pickle=False) as z:
            check("a member for each item", z.files == ["a", "b", "c"], z.files)
            check("arrays", all(np.array_equal(z[n], x[::-1].T) for n, x in zip(z.files, xs)))
        with zipfile.ZipFile("e.npz") as z:
            check("zipfile finds no fault", z.testzip() is None)
            check("packing", {m.compress_type for m in z.infolist()} == {8 if settings else 0})
        first = open("e.npz", "rb").read()
        sheaf("map", "-j1", "x[::-1].T", *inputs, "-o", "e.npz", "-f", *settings)
        check("the same bytes by one thread", open("e.npz", "rb").read() == first)
    # what we wrote, read by us: parts of it as items, outputs named after them
    sheaf("map", "x + 1", "e.npz", "--select", "a", "--select", "c", "-o", "again.npz")
    with np.load("again.npz") as z:
        check("parts name members", z.files == ["e.a", "e.c"], z.files)
        check("values by way of parts", np.array_equal(z["e.c"], xs[2][::-1].T + 1))
    open("in/bad.npy", "wb").write(b"no array")
    sheaf("map", "x * 2", *inputs, "in/bad.npy", "-o", "some.npz", status=1)
    with np.load("some.npz") as z:
        check("a failed item is left out", z.files == ["a", "b", "c"], z.files)
    sheaf("map", "mean", *inputs, "in/bad.npy", "-o", "nan.npz", status=1)
    with np.load("nan.npz") as z:
        check("a failed number is NaN", np.isnan(z["mean"]).tolist() == [False] * 3 + [True], z["mean"])
    np.save("in/deep/a.npy", xs[0])
    check("two members of one name are refused", "two items would be the member a" in
          sheaf("map", "x * 2", *inputs, "in/deep/a.npy", "-o", "two.npz", status=2).stderr and not os.path.exists("two.npz"))
    many = {f"in/{k}.npy": np.array(k) for k in range(70_000)}  # more than 16 bits count
    np.savez("many.npz", **{str(k): a for k, a in enumerate(many.values())})
    sheaf("map", "-q", "reshape(x, (1, 1))", "many.npz", "-o", "copy.npz", "--no-sync")
    with np.load("copy.npz") as z:
        check("zip64 by the number of members", len(z.files) == 70_000 and z["many.69999"].tolist() == [[69999]])


written_by_numpy()
written_by_us()
sliced()
packed()
raw()
real(sys.argv[1])
damaged()
hostile()
bombs()
sys.exit(finish())
