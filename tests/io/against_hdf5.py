"""HDF5 files that h5py writes, as `dump_file` reads them; and the same files damaged. Expected values are h5py's."""

import gzip
import os
import sys

import h5py
import numpy as np

from reading import check, dump, expect, finish, larger_than_memory, sheaf, slices


def arrays():
    rng = np.random.default_rng(7)
    return {
        "plain": rng.normal(size=(13, 5)),
        "scalar": np.float64(2.5),
        "whole_number": np.int32(-7),
        "nothing": np.zeros((0, 3), "i4"),
        "big_endian": np.arange(1000).astype(">i2"),
        "big_double": rng.normal(size=(11, 9)).astype(">f8"),
        "complex": (rng.normal(size=9) + 1j).astype("c16"),
        "big_complex": (rng.normal(size=(3, 4)) + 1j).astype(">c8"),
        "truth": rng.normal(size=(7, 11)) > 0,
        "half": np.array([0, -1.5, np.nan, np.inf], "f2"),
        "bytes": np.arange(256, dtype="u1"),
        "longs": np.array([0, 2**63, 2**64 - 1], "u8"),
        "cube": rng.integers(-50, 50, size=(40, 50, 60)).astype("i4"),
        "long": rng.integers(0, 50, size=400_001).astype("<i8"),
    }


def layouts(a):
    """Settings of create_dataset that suit the array."""
    if a.size < 2 or a.ndim == 0:
        return {"contiguous": {}}
    chunks = tuple(max(1, n // 3 + 1) for n in a.shape)
    ways = {
        "contiguous": {},
        "chunked": {"chunks": chunks},
        "gzip": {"chunks": chunks, "compression": "gzip"},
        "shuffled": {"chunks": chunks, "compression": "gzip", "shuffle": True},
        "only_shuffled": {"chunks": chunks, "shuffle": True},
        "summed": {"chunks": chunks, "compression": "gzip", "fletcher32": True},
        "growing": {"chunks": tuple(n + 3 for n in a.shape), "maxshape": (None,) * a.ndim, "compression": 1},
    }
    if a.dtype.kind in "iu":
        ways["scaleoffset"] = {"chunks": chunks, "scaleoffset": 0}
    return ways


def written_by_h5py():
    for library in ("earliest", "latest"):
        path = f"{library}.h5"
        with h5py.File(path, "w", libver=library) as f:
            for name, a in arrays().items():
                for way, settings in layouts(np.asanyarray(a)).items():
                    f.create_dataset(f"{way}/{name}", data=a, **settings)
        got = dump(path)
        names = []
        with h5py.File(path) as f:
            f.visititems(lambda n, o: names.append(n) if isinstance(o, h5py.Dataset) else None)
            check(f"{path}: parts", sorted(got) == sorted(names), set(names) ^ set(got))
            for name in names:
                expect(path, name, got.get(name), f[name][()])
    with open("latest.h5", "rb") as f, gzip.open("packed.h5.gz", "wb") as g:
        g.write(f.read())
    check("the same in gzip", dump("packed.h5.gz") == got)


def fills():
    """What was never written is the fill value; a user's block before everything; compact data; enums."""
    with h5py.File("fills.h5", "w", userblock_size=1024) as f:
        d = f.create_dataset("sparse", (100, 30), ">f4", chunks=(7, 8), compression="gzip", fillvalue=-1.5)
        d[50:60, 3:9] = 3
        f.create_dataset("unwritten", (9, 9), "i2", fillvalue=7)
        f.create_dataset("unwritten_chunks", (9, 9), "i8", chunks=(2, 2), fillvalue=7)
        f.create_dataset("written", data=np.arange(12.0).reshape(3, 4))
        f.create_dataset("shuffled", data=np.arange(1200.0).reshape(30, 40), chunks=(7, 9), shuffle=True, compression=9)
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((3, 2))
        compact = h5py.h5d.create(f.id, b"compact", h5py.h5t.STD_I32BE, space, properties)
        compact.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(6, dtype="i4").reshape(3, 2))
        f.create_dataset("colours", data=np.array([0, 2, 1], "i2"), dtype=h5py.enum_dtype({"R": 0, "G": 1, "B": 2}, "i2"))
        filtered = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        filtered.set_chunk((4, 4))
        filtered.set_shuffle()
        filtered.set_deflate(1)
        d = h5py.h5d.create(f.id, b"masked", h5py.h5t.STD_I32LE, h5py.h5s.create_simple((4, 8)), filtered)
        d.write_direct_chunk((0, 0), np.arange(16, dtype="i4").tobytes(), 3)  # both filters skipped
    got = dump("fills.h5")
    with h5py.File("fills.h5") as f:
        check("fills.h5: parts", sorted(got) == sorted(f), list(got))
        for name in f:
            expect("fills.h5", name, got.get(name), f[name][()])


def refused():
    with h5py.File("other.h5", "w") as f:
        f["x"] = np.arange(3)
    with h5py.File("refused.h5", "w") as f:
        f["good"] = np.arange(4)
        f["text"] = "a text"
        f["texts"] = np.array([b"a", b"bc"])
        f["records"] = np.zeros(3, [("a", "f4"), ("b", "i2")])
        f["pair"] = np.zeros(3, [("r", "f4"), ("i", "i4")])
        f["null"] = h5py.Empty("f4")
        f.create_dataset("references", data=np.array([f["good"].ref], object), dtype=h5py.ref_dtype)
        f.create_dataset("ragged", (2,), dtype=h5py.vlen_dtype("i4"))
        f.create_dataset("rows", (2,), dtype=np.dtype(("i4", (3,))))
        f["long_double"] = np.zeros(3, np.longdouble)
        f["outside"] = h5py.ExternalLink("other.h5", "/x")
        f["soft_outside"] = h5py.SoftLink("/outside")
        f["soft"] = h5py.SoftLink("/group/there")
        f["nowhere"] = h5py.SoftLink("/not/there")
        f["circle"] = h5py.SoftLink("/circle")
        f["group/there"] = np.arange(5.0)
        f["group/up"] = f["/"]
        f["group/soft_up"] = h5py.SoftLink("/")
        f.create_dataset("external", (3,), "f8", external=[("raw.bin", 0, 24)])
        layout = h5py.VirtualLayout((3,), "i8")
        layout[:] = h5py.VirtualSource("other.h5", "x", (3,))
        f.create_virtual_dataset("virtual", layout)
    open("raw.bin", "wb").write(bytes(24))
    got = dump("refused.h5")
    expected = {
        "text": "text", "texts": "text", "records": "compound", "pair": "compound", "null": "null dataspace",
        "references": "references", "ragged": "unequal", "rows": "arrays within", "long_double": "no dtype has",
        "outside": "another file", "soft_outside": "is not followed", "nowhere": "is not followed",
        "circle": "is not followed", "external": "external storage", "virtual": "virtual",
    }
    check("refused.h5: parts", sorted(got) == sorted([*expected, "good", "soft", "group/there"]), list(got))
    for name, word in expected.items():
        part = got.get(name, ("none", ""))
        check(f"{name} is refused: {word}", part[0] == "UNSUPPORTED" and word in part[1], part)
    expect("refused.h5", "good", got.get("good"), np.arange(4))
    expect("refused.h5", "soft", got.get("soft"), np.arange(5.0))
    deep = "/".join(f"g{k}" for k in range(100)) + "/x"
    with h5py.File("deep.h5", "w") as f:
        f[deep] = 1.0
    got = dump("deep.h5")
    check("groups too deep", got["*"][0] == "FORMAT" and "deep" in got["*"][1], got)
    with h5py.File("many.h5", "w", libver="latest") as f:  # 2^20 ways through twenty groups
        group = f
        for _ in range(20):
            down = group.create_group("a")
            group["b"] = down
            group = down
        group["x"] = 1.0
    got = dump("many.h5")
    check("paths too many", got["*"][0] == "FORMAT" and "links" in got["*"][1], got)


def absurd():
    """More declared than there is: refused by a cap, before memory is taken."""
    with h5py.File("absurd.h5", "w") as f:
        f.create_dataset("sparse", (1 << 40,), "f8", chunks=(1 << 10,), compression="gzip")
        f.create_dataset("chunks", (1 << 28,), "f8", chunks=(1 << 28,), compression="gzip")
        f.create_dataset("huge", (1 << 50, 1 << 12), "f8", chunks=(1, 1 << 10))
        f.create_dataset("unwritten", (1 << 40,), "f8")
        f["good"] = np.arange(3)
    got = dump("absurd.h5", memory=2_000_000)
    check("all but one are refused", [p[0] for p in got.values()] == ["FORMAT", "OK", "FORMAT", "FORMAT", "FORMAT"], got)
    zeros = np.zeros(1 << 25)
    with h5py.File("bomb.h5", "w") as f:
        f.create_dataset("zeros", data=zeros, chunks=(1 << 20,), compression="gzip")
    got = dump("bomb.h5", cap=1 << 27, memory=2_000_000)
    check("a quarter of a gigabyte under a cap of 128 MB", got["zeros"][0] == "FORMAT" and "memory" in got["zeros"][1], got)


def damaged():
    """Cut and flipped: refused or read, never a crash (the sanitizers watch); what is read has the shape declared."""
    with h5py.File("seed.h5", "w", libver="latest") as f:
        f.create_dataset("x", data=np.arange(60, dtype="i2").reshape(6, 10), chunks=(4, 4), compression="gzip", shuffle=True)
        f["g/y"] = np.arange(5.0)
        f["g/y"].attrs["unit"] = "m"
    whole = open("seed.h5", "rb").read()
    good = dump("seed.h5")
    check("the seed is good", [p[0] for p in good.values()] == ["OK", "OK"], good)
    for n in range(0, len(whole), 41):
        open("cut.h5", "wb").write(whole[:n])
        got = dump("cut.h5", memory=2_000_000)
        check(f"cut at {n} is refused", all(p[0] == "FORMAT" for p in got.values()), got)
    for bit in range(0, 8 * len(whole), 211):
        wrong = bytearray(whole)
        wrong[bit // 8] ^= 1 << bit % 8
        open("flip.h5", "wb").write(wrong)
        dump("flip.h5", memory=2_000_000)


def by_command():
    with h5py.File("command.h5", "w") as f:
        f["run/a"] = np.arange(12.0).reshape(3, 4)
        f["run/b"] = np.arange(3)
        f["run/a"].attrs["unit"] = "m/s"
    run = sheaf("map", "sum(x)", "command.h5", "-o", "t.csv")
    check("every dataset is an item", [float(l.split(",")[-1]) for l in open("t.csv").read().split()[1:]] == [66, 3],
          open("t.csv").read())
    for name in ("run/a", "/run/a"):
        run = sheaf("map", "sum(x)", f"command.h5:{name}")
        check(f"{name} is found", "66" in run.stdout, run.stdout)
    run = sheaf("map", "sum(x)", "command.h5:run/c", status=1)
    check("a missing part is named", "run/a" in run.stderr, run.stderr)


def piece_by_piece():
    a = np.random.default_rng(3).normal(size=(7000, 61))
    with h5py.File("large.h5", "w") as f:
        f.create_dataset("tiles", data=a, chunks=(500, 16), compression=1, shuffle=True)
        f.create_dataset("library", data=a.astype("f4"), chunks=(500, 16), compression=1, fletcher32=True)
        f.create_dataset("plain", data=a.astype(">f8"))
        f.create_dataset("growing", data=a[:5000], chunks=(640, 61), maxshape=(None, 61))
    for part in ("tiles", "library", "plain", "growing"):
        larger_than_memory("large.h5", part)
    slices("large.h5:tiles", (0,), a, "--memory", "1M")
    slices("large.h5:tiles", (1,), a, "--memory", "1M")
    slices("large.h5:library", (-1,), a.astype("f4"), "--memory", "1M")
    slices("large.h5:plain", (1,), a)
    slices("large.h5:growing", (0,), a[:5000])


def real(data):
    folder = os.path.join(data, "hdf5")
    if not os.path.isdir(folder):
        print("no folder of real data: that part is left out")
        return
    for file in sorted(os.listdir(folder)):
        path = os.path.join(folder, file)
        got = dump(path)
        with h5py.File(path) as f:
            names = []
            f.visititems(lambda n, o: names.append(n) if isinstance(o, h5py.Dataset) else None)
            check(f"{file}: parts", names and sorted(names) == sorted(got), names, list(got))
            for name in names:
                expect(path, name, got.get(name), f[name][()])


written_by_h5py()
fills()
refused()
absurd()
damaged()
by_command()
piece_by_piece()
real(sys.argv[1])
sys.exit(finish())
