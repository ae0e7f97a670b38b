"""netCDF files, real ones and such as netCDF4-python writes, as `dump_file` reads them: values are netCDF4's, its masked
cells NaN. And the same files damaged."""

import gzip
import os
import shutil
import sys

import netCDF4
import numpy as np

from reading import check, dump, expect, finish, larger_than_memory, sheaf, slices

CLASSIC = ("NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA")
MARKS = ("_FillValue", "missing_value", "valid_min", "valid_max", "valid_range", "scale_factor", "add_offset")


def wanted(variable):
    """What netCDF4 reads. Integers that no attribute gives a missing value stay integers, as they are."""
    if variable.dtype.kind in "iu" and not any(a in MARKS for a in variable.ncattrs()):
        variable.set_auto_mask(False)
        return variable[...]
    a = variable[...]
    if not np.ma.isMaskedArray(a) or a.dtype.kind not in "f":
        a = np.ma.asarray(a).astype("f8" if a.dtype.kind in "iu" else a.dtype)
    return a.filled(np.nan)


def compare(path, name, part, variable):
    a = wanted(variable)
    if a.dtype == np.float32 and "scale_factor" not in variable.ncattrs() and part and part[0] == "OK":
        check(f"{path}:{name}: dtype", part[1] == "float32", part[1])
    expect(path, name, part, a)


def is_named_by(variable, others):
    words = " ".join(getattr(v, a, "") for v in others.values() for a in ("coordinates", "bounds", "grid_mapping"))
    return variable.name in words.split()


def compare_file(path):
    with netCDF4.Dataset(path) as f:
        variables = dict(f.variables)
        numbers = {n: v for n, v in variables.items() if isinstance(v.dtype, np.dtype) and v.dtype.kind in "iuf"}
        data = [n for n, v in numbers.items() if v.dimensions != (n,) and not is_named_by(v, variables)]
        got = dump(path)
        check(f"{path}: parts", sorted(got) == sorted(data or numbers), list(got), data)
        for name in got:
            compare(path, name, got[name], variables[name])
        for name in sorted(set(numbers) - set(got)):  # coordinates are read when they are named
            sheaf("map", "x", f"{path}:{name}", "-o", "named/", "-f")
            a = np.load(os.path.join("named", os.listdir("named")[0]))
            shutil.rmtree("named")
            expect(path, name, ("OK", a.dtype.name, a.shape, a.tobytes()), wanted(variables[name]))


def fill_file(f, kinds):
    """Variables of all kinds on fixed dimensions and the unlimited one."""
    rng = np.random.default_rng(11)
    f.createDimension("time", None)
    f.createDimension("lat", 5)
    f.createDimension("lon", 7)
    f.createDimension("nv", 2)
    for name, axis in (("time", 9), ("lat", 5), ("lon", 7)):
        v = f.createVariable(name, "f8", (name,))
        v.units = "1"
        v.bounds = name + "_bounds"
        v[:] = np.arange(axis) * 1.5
        b = f.createVariable(name + "_bounds", "f8", (name, "nv"))
        b[:] = np.arange(2.0 * axis).reshape(-1, 2)
    for kind in kinds:
        v = f.createVariable("fixed_" + kind, kind, ("lat", "lon"))
        v[:] = rng.integers(0, 100, (5, 7))
        v = f.createVariable("record_" + kind, kind, ("time", "lat", "lon"))
        v[:] = rng.integers(0, 100, (9, 5, 7))
        v = f.createVariable("single_" + kind, kind, ())
        v[...] = 7
    v = f.createVariable("packed", "i2", ("time", "lat", "lon"), fill_value=-999)
    v.scale_factor, v.add_offset = 0.01, 273.15
    v[:] = np.ma.masked_greater(rng.normal(280, 5, (9, 5, 7)), 284)
    v = f.createVariable("packed_single", "i2", ("lat", "lon"))
    v.scale_factor, v.add_offset = np.float32(0.1), np.float32(3)
    v.missing_value = np.int16(-1)
    v.set_auto_maskandscale(False)
    v[:] = rng.integers(-1, 3, (5, 7))
    v = f.createVariable("two_missing", "f4", ("lat", "lon"), fill_value=1e20)
    v.missing_value = np.float32(-99.5)
    v.set_auto_maskandscale(False)
    v[:] = rng.choice([1e20, -99.5, 1.25, 2.5], (5, 7))
    v = f.createVariable("ranged", "i4", ("lat", "lon"))
    v.valid_range = np.array([10, 60], "i4")
    v.set_auto_maskandscale(False)
    v[:] = rng.integers(0, 100, (5, 7))
    v = f.createVariable("half_ranged", "f8", ("lat", "lon"))
    v.valid_min = 0.25
    v[:] = rng.random((5, 7))
    v = f.createVariable("unwritten", "f8", ("lat", "lon"))
    v = f.createVariable("partly", "f4", ("time", "lon"))
    v[3] = 2.5
    v = f.createVariable("unsigned", "i1", ("lat",))
    v.setncattr("_Unsigned", "true")
    v.set_auto_maskandscale(False)
    v[:] = np.array([-1, 0, 1, -128, 127], "i1")
    v = f.createVariable("text", "S1", ("lat",))
    v[:] = np.array(list("abcde"), "S1")


def written():
    for form in (*CLASSIC, "NETCDF4", "NETCDF4_CLASSIC"):
        path = f"{form}.nc"
        kinds = ["i1", "i2", "i4", "f4", "f8"]
        if form in ("NETCDF3_64BIT_DATA", "NETCDF4"):
            kinds += ["u1", "u2", "u4", "i8", "u8"]
        with netCDF4.Dataset(path, "w", format=form) as f:
            fill_file(f, kinds)
            f.title = "all kinds"
        compare_file(path)
        with open(path, "rb") as f, gzip.open("packed.nc.gz", "wb") as g:
            g.write(f.read())
        check(f"{path} in gzip", dump("packed.nc.gz", *([] if "NETCDF3" in form else ["format=netcdf"])) == dump(path))
        got = sheaf("map", "mean(x)", f"{path}:text", status=1)
        check("text is refused", "text" in got.stderr, got.stderr)


def one_record_variable():
    """A single one is not padded."""
    for kind in ("i1", "i2", "f8"):
        with netCDF4.Dataset("one.nc", "w", format="NETCDF3_CLASSIC") as f:
            f.createDimension("t", None)
            f.createDimension("x", 3)
            f.createVariable("a", kind, ("t", "x"))[:] = np.arange(33).reshape(11, 3)
            f.createVariable("b", "i2", ("x",))[:] = np.arange(3)
        compare_file("one.nc")
    with netCDF4.Dataset("many.nc", "w", format="NETCDF3_CLASSIC") as f:  # spans of small records, and large ones
        f.createDimension("t", None)
        f.createDimension("x", 30000)
        for k in range(3):
            f.createVariable(f"a{k}", "i2", ("t",))[:] = np.arange(5000) + k
        compare_file_later = f.createVariable("big", "f8", ("t", "x"))
        compare_file_later[0:3] = np.arange(90000.0).reshape(3, 30000)
    with netCDF4.Dataset("small.nc", "w", format="NETCDF3_CLASSIC") as f:
        f.createDimension("t", None)
        for k in range(3):
            f.createVariable(f"a{k}", "i2", ("t",))[:] = np.arange(150_000) + k
    compare_file("small.nc")
    os.remove("many.nc")


def piece_by_piece():
    a = np.random.default_rng(3).normal(size=(6000, 10, 5)) * 100
    a[7, 3] = -32000
    for form in ("NETCDF3_64BIT_OFFSET", "NETCDF4"):
        with netCDF4.Dataset("large.nc", "w", format=form) as f:
            for name, n in (("t", None), ("y", 10), ("x", 5)):
                f.createDimension(name, n)
            f.createVariable("double", "f8", ("t", "y", "x"))[:] = a
            f.createVariable("packed", "i2", ("t", "y", "x"), fill_value=-32000)[:] = a.astype("i2")
            f["packed"].setncatts({"scale_factor": 0.5, "add_offset": 3.0})
        larger_than_memory("large.nc", "double")
        larger_than_memory("large.nc", "packed")
        with netCDF4.Dataset("large.nc") as f:
            packed = f["packed"][:].filled(np.nan)
        slices("large.nc:double", (0, "t"), a, "--memory", "500K")
        slices("large.nc:packed", (1, "y"), packed, "--memory", "500K")
        slices("large.nc:packed", (-1, "x"), packed)
        got = sheaf("map", "mean(x)", "--each", "time", "large.nc:packed", status=1)
        check("the dimensions are named", "its dimensions are t, y, x" in got.stderr, got.stderr)


def chunked():
    """netCDF-4 packed by deflate and shuffle; groups; names that clash; dimensions longer than what was written."""
    rng = np.random.default_rng(5)
    with netCDF4.Dataset("chunked.nc", "w") as f:
        f.createDimension("t", None)
        f.createDimension("y", 300)
        f.createDimension("x", 40)
        for shuffle in (False, True):
            v = f.createVariable(f"z{shuffle:d}", "i2", ("t", "y", "x"), zlib=True, shuffle=shuffle, chunksizes=(2, 77, 40),
                                 fill_value=-9, endian="big" if shuffle else "little")
            v.scale_factor = 0.5
            v[:] = np.ma.masked_less(rng.normal(5, 4, (7, 300, 40)), 0)
        v = f.createVariable("summed", "f8", ("y", "x"), zlib=True, fletcher32=True)
        v[:] = rng.normal(size=(300, 40))
        f.createVariable("short", "f4", ("t",))[:2] = 1
        f.createVariable("y", "f4", ("x",))[:] = 2  # not on the dimension it is called as
        g = f.createGroup("inner")
        g.createVariable("w", "f8", ("t", "x"))[:] = rng.normal(size=(7, 40))
    with netCDF4.Dataset("chunked.nc") as f:
        got = dump("chunked.nc")
        check("chunked.nc: parts", sorted(got) == ["inner/w", "short", "summed", "y", "z0", "z1"], list(got))
        for name in got:
            compare("chunked.nc", name, got[name], f[name])


def real(data):
    folder = os.path.join(data, "netcdf")
    if not os.path.isdir(folder):
        print("no folder of real data: that part is left out")
        return
    for where, _, files in sorted(os.walk(folder)):
        for file in sorted(files):
            compare_file(os.path.join(where, file))
    names = {n: p for n, p in dump(os.path.join(folder, "eraint_uvz.nc")).items()}
    for name, (_, dtype, shape, values) in names.items():
        a = np.frombuffer(values, dtype).reshape(shape)
        for month in range(shape[0]):
            for level in range(shape[1]):
                b = np.load(os.path.join(data, "batch", "eraint", f"{name}-month{month}-level{level}.npy"))
                same = np.array_equal(a[month, level].astype(b.dtype), b)
                check(f"eraint {name} {month} {level}", same, a.dtype, b.dtype, np.abs(a[month, level] - b).max())


def damaged():
    for form in ("NETCDF3_CLASSIC", "NETCDF3_64BIT_DATA", "NETCDF4"):
        with netCDF4.Dataset("seed.nc", "w", format=form) as f:
            f.createDimension("t", None)
            f.createDimension("x", 3)
            f.createVariable("a", "i2", ("t", "x"), fill_value=7)[:] = np.arange(12).reshape(4, 3)
            f.createVariable("b", "f4", ("x",))[:] = np.arange(3)
        whole = open("seed.nc", "rb").read()
        good = dump("seed.nc")
        check("the seed is good", [p[0] for p in good.values()] == ["OK", "OK"], good)
        step, bits = (7, 41) if "3" in form else (499, 2011)
        last = len(whole) - 4 if "3" in form else len(whole)  # the last record's padding
        for n in range(0, last, step):
            open("cut.nc", "wb").write(whole[:n])
            got = dump("cut.nc", memory=2_000_000)
            check(f"{form} cut at {n} is refused", any(p[0] == "FORMAT" for p in got.values()), got)
            check(f"{form} cut at {n}: what is read is right", all(p == good[k] for k, p in got.items() if p[0] == "OK"))
        for bit in range(0, 8 * len(whole), bits):
            wrong = bytearray(whole)
            wrong[bit // 8] ^= 1 << bit % 8
            open("flip.nc", "wb").write(wrong)
            dump("flip.nc", memory=2_000_000)


written()
one_record_variable()
piece_by_piece()
chunked()
real(sys.argv[1])
damaged()
sys.exit(finish())
