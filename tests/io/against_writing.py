"""What `sheaf map` and `sheaf convert` write, as netCDF4, NumPy and ncdump read it: values, dtypes, dimensions,
coordinates, attributes."""

import json
import os
import re
import shutil
import subprocess
import sys

import netCDF4
import numpy as np

from reading import check, dump, expect, finish, sheaf

SPECIAL = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 5e-324, 1e308, 0.1, 9.969209968386869e36, -1.5])


def make(path, kind="NETCDF3_CLASSIC", shift=0.0, seed=5):
    """time x lat x lon with bounds, an auxiliary coordinate, a scalar one, a grid mapping, packing, missing cells."""
    rng = np.random.default_rng(seed)
    with netCDF4.Dataset(path, "w", format=kind) as f:
        f.setncatts({"title": "a run", "Conventions": "CF-1.8", "history": "made by hand"})
        for name, n in (("time", None), ("lat", 5), ("lon", 7), ("nv", 2)):
            f.createDimension(name, n)
        f.createVariable("time", "f8", ("time",)).setncatts(
            {"units": "days since 2000-01-01", "calendar": "noleap", "bounds": "time_bnds"})
        f["time"][:] = np.arange(4.0) + shift
        f.createVariable("time_bnds", "f8", ("time", "nv"))[:] = np.arange(8.0).reshape(4, 2)
        f.createVariable("lat", "f4", ("lat",)).units = "degrees_north"
        f["lat"][:] = np.linspace(-60, 60, 5)
        f.createVariable("lon", "f4", ("lon",))[:] = np.arange(7) * 10
        f.createVariable("area", "f8", ("lat", "lon"))[:] = rng.random((5, 7))
        f.createVariable("height", "f8", ()).units = "m"
        f["height"][...] = 2
        f.createVariable("crs", "i4", ()).grid_mapping_name = "latitude_longitude"
        f.createVariable("tas", "f4", ("time", "lat", "lon"), fill_value=np.float32(-999)).setncatts(
            {"units": "K", "long_name": "air", "coordinates": "height area", "grid_mapping": "crs"})
        a = rng.normal(280, 10, (4, 5, 7)).astype("f4")
        f["tas"][:] = np.ma.masked_array(a, mask=a > 295)
        f.createVariable("pr", "i2", ("time", "lat", "lon")).setncatts({"scale_factor": 0.1, "units": "mm"})
        f["pr"].set_auto_maskandscale(False)
        f["pr"][:] = rng.integers(0, 9, (4, 5, 7))


def plain(variable):
    a = variable[...]
    return a.filled(np.nan) if np.ma.isMaskedArray(a) else np.asarray(a)


def same(what, a, b):
    a, b = np.asarray(a), np.asarray(b)
    check(f"{what}: dtype and shape", (a.dtype, a.shape) == (b.dtype, b.shape), a.dtype, a.shape, b.dtype, b.shape)
    check(f"{what}: values", np.array_equal(a, b, equal_nan=a.dtype.kind == "f"), a, b)


def opens(path):
    if not shutil.which("ncdump"):
        return
    run = subprocess.run(["ncdump", path], capture_output=True, text=True)
    check(f"{path}: ncdump opens it", run.returncode == 0 and run.stdout.startswith("netcdf"), run.stderr)


def same_variable(what, source, made, attributes=True, part=...):
    same(what, plain(made), plain(source)[part])
    left_out = ("bounds", "coordinates", "grid_mapping", "_FillValue", "scale_factor")
    for name in source.ncattrs() if attributes else ():
        if name not in left_out:
            check(f"{what}:{name}", source.getncattr(name) == made.getncattr(name))


def check_kinds():
    """Elementwise results keep every dimension, reductions those that are left, others none that is not theirs."""
    for kind in ("NETCDF3_CLASSIC", "NETCDF4"):
        make("in.nc", kind)
        source = netCDF4.Dataset("in.nc")
        tas = plain(source["tas"])
        cases = {
            "x": (tas, ("time", "lat", "lon")),
            "sqrt(x) + 1": (np.sqrt(tas) + np.float32(1), ("time", "lat", "lon")),
            "x - nanmean(x, axis=0)": (None, ("time", "lat", "lon")),
            "nanmean(x, axis=0)": (None, ("lat", "lon")),
            "nanmax(x, axis=(1, 2))": (np.nanmax(tas, axis=(1, 2)), ("time",)),
            "nanmin(x)": (np.nanmin(tas), ()),
            "nanmin(x, axis=1, keepdims=True)": (np.nanmin(tas, axis=1, keepdims=True), ("time", "dim_1", "lon")),
            "cumsum(x, axis=1)": (np.cumsum(tas, axis=1, dtype="f4"), ("time", "lat", "lon")),
            "x.T": (tas.T, ("lon", "lat", "time")),
            "sort(x, axis=0)": (np.sort(tas, axis=0), ("dim_0", "lat", "lon")),
            "flip(x, axis=1)": (np.flip(tas, axis=1), ("dim_0", "dim_1", "dim_2")),
            "x[0]": (tas[0], ("lat", "lon")),
            "x[:, ::-1]": (tas[:, ::-1], ("time", "lat", "lon"), {"lat": slice(None, None, -1)}),
            "x[1:3, :, -5:][:, 1:4, ::2]": (
                tas[1:3, 1:4, -5::2],
                ("time", "lat", "lon"),
                {"time": slice(1, 3), "lat": slice(1, 4), "lon": slice(-5, None, 2)},
            ),
            "x[1:, 1:] - x[:-1, 1:]": (tas[1:, 1:] - tas[:-1, 1:], ("dim_0", "lat", "lon"), {"lat": slice(1, None)}),
            "x[:2, :1]": (tas[:2, :1], ("time", "lat", "lon"), {"time": slice(2), "lat": slice(1)}),
            "nanmax(x[2:], axis=1)": (np.nanmax(tas[2:], axis=1), ("time", "lon"), {"time": slice(2, None)}),
            "x + x[:1]": (tas + tas[:1], ("time", "lat", "lon")),
            "sort(x, axis=0) - x": (np.sort(tas, axis=0) - tas, ("dim_0", "lat", "lon")),
        }
        for program, (wanted, dims, *parts) in cases.items():
            part = parts[0] if parts else {}
            time, lat, lon = (part.get(d, slice(None)) for d in ("time", "lat", "lon"))
            sheaf("map", program, "in.nc:tas", "-o", "out.nc", "-f")
            opens("out.nc")
            with netCDF4.Dataset("out.nc") as f:
                v = f["tas"]
                what = f"{kind}: {program}"
                check(f"{what}: dimensions", v.dimensions == dims, v.dimensions)
                if wanted is not None and "cumsum" not in program:
                    same(what, plain(v), wanted)
                check(f"{what}: attributes", v.units == "K" and v.long_name == "air" and np.isnan(v._FillValue))
                for d in ("time", "lat", "lon"):
                    check(f"{what}: coordinate {d}", (d in f.variables) == (d in dims))
                    if d in f.variables:
                        same_variable(f"{what}: {d}", source[d], f[d], part=part.get(d, ...))
                check(f"{what}: bounds", ("time_bnds" in f.variables) == ("time" in dims))
                if "time" in dims:
                    check(f"{what}: bounds named", f["time"].bounds == "time_bnds")
                    same_variable(what, source["time_bnds"], f["time_bnds"], part=time)
                named = v.coordinates.split()
                check(f"{what}: auxiliary", ("area" in named) == ({"lat", "lon"} <= set(dims)), named)
                if "area" in named:
                    same_variable(what, source["area"], f["area"], part=(lat, lon))
                check(f"{what}: scalar", "height" in named and f["height"][...] == 2 and v.grid_mapping == "crs")
                check(f"{what}: mapping", f["crs"].grid_mapping_name == "latitude_longitude")
                lines = f.history.split("\n")
                check(f"{what}: history", len(lines) == 2 and "sheaf map" in lines[0] and lines[1] == "made by hand")
                check(f"{what}: title", f.title == "a run")
            got = dump("out.nc")
            check(f"{what}: read back", list(got) == ["tas"], list(got))
            if wanted is not None and "cumsum" not in program:
                expect("out.nc", "tas", got["tas"], wanted)
        source.close()
        sheaf("map", "argmax(x, axis=0)", "in.nc:pr", "-o", "out.nc", "-f")
        with netCDF4.Dataset("out.nc") as f:
            check("an index has no units", not hasattr(f["pr"], "units") and f.data_model == "NETCDF3_64BIT_DATA")


def check_several():
    """Items on a first dimension; what they do not agree on is not said of them all."""
    make("a.nc", seed=1)
    make("b.nc", shift=4.0, seed=2)
    sheaf("map", "x * 2", "--select", "tas", "a.nc", "b.nc", "-o", "two.nc")
    opens("two.nc")
    with netCDF4.Dataset("two.nc") as f, netCDF4.Dataset("a.nc") as a, netCDF4.Dataset("b.nc") as b:
        check("stacked", f["tas"].dimensions == ("item", "time", "lat", "lon"), f["tas"].dimensions)
        same("stacked", plain(f["tas"]), np.stack([plain(a["tas"]) * np.float32(2), plain(b["tas"]) * np.float32(2)]))
        check("times differ", "time" not in f.variables and "area" not in f.variables)
        same("latitudes do not", f["lat"][:], a["lat"][:])
        check("items named", list(netCDF4.chartostring(f["item_name"][:])) == ["a.nc:tas", "b.nc:tas"])
        check("in coordinates", "item_name" in f["tas"].coordinates.split())
    sheaf("map", "mean(x), hi=max(x)", "a.nc", "-o", "apart.nc")
    with netCDF4.Dataset("apart.nc") as f:
        names = {"tas_mean_x", "tas_hi", "pr_mean_x", "pr_hi"}
        check("variables apart", names <= set(f.variables), list(f.variables))
    sheaf("map", "lo=min(x), hi=max(x)", "--select", "pr", "a.nc", "b.nc", "missing.nc", "-o", "some.nc", status=1)
    with netCDF4.Dataset("some.nc") as f, netCDF4.Dataset("a.nc") as a, netCDF4.Dataset("b.nc") as b:
        same("a failed row", plain(f["hi"]), [plain(a["pr"]).max(), plain(b["pr"]).max(), np.nan])
        check("two outputs", f["lo"].dimensions == ("item",))
    run = sheaf("map", "argmax(x)", "--select", "pr", "a.nc", "missing.nc", "-o", "whole.nc", status=3)
    check("integers cannot say missing", "cannot mark as missing" in run.stderr and not os.path.exists("whole.nc"))
    sheaf("map", "x", "--select", "tas", "a.nc", "b.nc", "-o", "each/{stem}.nc")
    with netCDF4.Dataset("each/b.tas.nc") as f, netCDF4.Dataset("b.nc") as b:
        same_variable("each", b["time"], f["time"])
        same("each", plain(f["tas"]), plain(b["tas"]))


def check_joined():
    """Of joined files and of slices the dimensions are those that are left."""
    make("j1.nc", seed=1)
    make("j2.nc", seed=2)
    make("j3.nc", seed=3, shift=4.0)
    with netCDF4.Dataset("j1.nc") as a, netCDF4.Dataset("j2.nc") as b, netCDF4.Dataset("j3.nc") as c:
        x, y, z = (plain(f["pr"]) for f in (a, b, c))
        sheaf("map", "max(x, axis=0)", "--join", "new", "--select", "pr", "j1.nc", "j2.nc", "-o", "ensemble.nc")
        with netCDF4.Dataset("ensemble.nc") as f:
            v = f["pr"]
            check("an ensemble's dimensions", v.dimensions == ("time", "lat", "lon"), v.dimensions)
            same("an ensemble", plain(v), np.maximum(x, y))
            for d in v.dimensions:
                same_variable(f"an ensemble: {d}", a[d], f[d])
        sheaf("convert", "--join", "time", "--select", "pr", "j1.nc", "j3.nc", "-o", "long.nc")
        with netCDF4.Dataset("long.nc") as f:
            check("joined in time", f["pr"].dimensions == ("time", "lat", "lon"), f["pr"].dimensions)
            same("its times", plain(f["time"]), np.concatenate([plain(a["time"]), plain(c["time"])]))
            same("its bounds", plain(f["time_bnds"]), np.concatenate([plain(a["time_bnds"]), plain(c["time_bnds"])]))
            same("joined in time", plain(f["pr"]), np.concatenate([x, z]))
            same_variable("joined: lat", a["lat"], f["lat"])
        sheaf("map", "max(x, axis=1)", "--each", "lat", "--select", "pr", "j1.nc", "-o", "slices.nc")
        with netCDF4.Dataset("slices.nc") as f:
            v = f["pr"]
            check("slices lie along lat", v.dimensions == ("lat", "time"), v.dimensions)
            same("slices", plain(v), x.max(axis=2).T)
            for name in ("lat", "time", "time_bnds"):
                same_variable(f"slices: {name}", a[name], f[name])
            check("they need no names", "item_name" not in f.variables)
        sheaf("map", "x[1:, ::2]", "--each", "time", "--select", "pr", "j1.nc", "-o", "slices.nc", "-f")
        with netCDF4.Dataset("slices.nc") as f:
            check("parts of slices", f["pr"].dimensions == ("time", "lat", "lon"), f["pr"].dimensions)
            same("parts of slices", plain(f["pr"]), x[:, 1:, ::2])
            same_variable("parts of slices: lat", a["lat"], f["lat"], part=slice(1, None))
            same_variable("parts of slices: lon", a["lon"], f["lon"], part=slice(None, None, 2))
        sheaf("map", "max(x, axis=1)", "--each", "lat", "--select", "pr", "j1.nc", "j2.nc", "-o", "slices.nc", "-f")
        with netCDF4.Dataset("slices.nc") as f:
            check("slices of two files", f["pr"].dimensions == ("item", "time"), f["pr"].dimensions)
            same("slices of two files", plain(f["pr"]), np.concatenate([x.max(axis=2).T, y.max(axis=2).T]))
            check("have names", netCDF4.chartostring(f["item_name"][:])[5] == "j2.nc:pr[0]", f["item_name"][5])


def check_dtypes():
    for dtype in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8", "?"):
        with np.errstate(over="ignore"):
            a = SPECIAL.astype(dtype) if dtype[0] == "f" else np.arange(10).astype(dtype)
        if dtype in ("i8", "u8"):
            a[3] = 2**62 + 1
        np.save("a.npy", a.reshape(2, 5))
        sheaf("convert", "a.npy", "-o", "a.nc", "-f")
        opens("a.nc")
        with netCDF4.Dataset("a.nc") as f:
            f.set_auto_mask(False)
            v = f["a"][...]
            same(f"{dtype} in netCDF4", v, a.reshape(2, 5).astype("i1") if dtype == "?" else a.reshape(2, 5))
            check(f"{dtype}: sign of 0", dtype[0] != "f" or np.array_equal(np.signbit(v), np.signbit(a.reshape(2, 5))))
            small = dtype in ("i1", "i2", "i4", "f4", "f8", "?")
            check(f"{dtype}: version", f.data_model == ("NETCDF3_CLASSIC" if small else "NETCDF3_64BIT_DATA"))
        expect("a.nc", "a", dump("a.nc").get("a"), a.reshape(2, 5))
    for dtype in ("f2", "c8", "c16"):
        np.save("a.npy", np.ones(3, dtype))
        run = sheaf("convert", "a.npy", "-o", "none.nc", status=2)
        check(f"{dtype} is refused", "no type for; write to NAME.npy" in run.stderr, run.stderr)
    np.save("a.npy", np.float64(2.5))
    sheaf("convert", "a.npy", "-o", "a.nc", "-f")
    with netCDF4.Dataset("a.nc") as f:
        check("a scalar", f["a"].dimensions == () and f["a"][...] == 2.5)
    np.save("a.npy", np.ones((3, 0)))
    run = sheaf("convert", "a.npy", "-o", "none.nc", status=1)
    check("nothing is refused", "no dimension of length 0" in run.stderr, run.stderr)


def check_convert():
    """Between all formats, to the same bits."""
    rng = np.random.default_rng(3)
    table = rng.normal(size=(40, 3)) * 10.0 ** rng.integers(-300, 300, (40, 3))
    table.ravel()[: SPECIAL.size] = SPECIAL
    np.save("t.npy", table)
    for path in ("t.csv", "t.npz", "t.nc"):
        sheaf("convert", "t.npy", "-o", path)
        sheaf("convert", path, "-o", "back.npy", "-f")
        a = np.load("back.npy")
        check(f"{path}: back to the same bits", a.tobytes() == table.tobytes() or
              (np.array_equal(a, table, equal_nan=True) and np.array_equal(np.signbit(a) | np.isnan(a),
                                                                          np.signbit(table) | np.isnan(table))))
    same("the table in NumPy", np.genfromtxt("t.csv", delimiter=","), table)
    for dtype in ("i8", "u8"):
        whole = np.array([[1, 2**53 + 1], [np.iinfo(dtype).min, np.iinfo(dtype).max]], dtype)
        np.save("w.npy", whole)
        sheaf("convert", "w.npy", "-o", "w.csv", "-f")
        same(f"{dtype} in a table", np.loadtxt("w.csv", delimiter=",", dtype=dtype), whole)
    np.save("b.npy", np.array([True, False]))
    sheaf("convert", "b.npy", "-o", "b.csv")
    check("bool in a table", open("b.csv").read() == "1\n0\n")
    for order in "CF":
        for endian, mark in (("little", "<"), ("big", ">")):
            sheaf("convert", "--order", order, "--endian", endian, "t.npy", "-o", "l.npy", "-f")
            a = np.load("l.npy")
            check(f"{order} {endian}", a.dtype.str == mark + "f8" and a.flags.f_contiguous == (order == "F"))
            np.save("n.npy", np.asarray(table, dtype=mark + "f8", order=order))
            check(f"{order} {endian}: NumPy's bytes", open("l.npy", "rb").read() == open("n.npy", "rb").read())
            sheaf("convert", "--order", order, "--endian", endian, "t.npy", "-o", "l.npz", "-f")
            same(f"{order} {endian} npz", np.load("l.npz")["t"].astype("f8"), table)
    sheaf("convert", "t.npy", "w.npy", "-o", "both.npz", "--write", "compression=deflate")
    z = np.load("both.npz")
    same("members", z["w"], whole)
    check("members", z.files == ["t", "w"], z.files)
    sheaf("convert", "both.npz", "-o", "both.nc")
    opens("both.nc")
    expect("both.nc", "w", dump("both.nc").get("w"), whole)
    make("m.nc")
    sheaf("convert", "m.nc", "-o", "m2.nc")
    with netCDF4.Dataset("m.nc") as f, netCDF4.Dataset("m2.nc") as g:
        for name in ("tas", "pr", "time", "lat", "lon", "time_bnds", "area", "height"):
            same_variable(name, f[name], g[name])
    sheaf("convert", "--dtype", "float64", "--select", "tas", "m.nc", "-o", "m3.nc")
    with netCDF4.Dataset("m.nc") as f, netCDF4.Dataset("m3.nc") as g:
        same("another dtype", plain(g["tas"]), plain(f["tas"]).astype("f8"))
        check("its dimensions", g["tas"].dimensions == ("time", "lat", "lon") and g["tas"].units == "K")


def check_casts():
    def cast(values, dtype, to, ok, said=""):
        np.save("c.npy", np.array(values, dtype))
        run = sheaf("convert", "--dtype", to, "c.npy", "-o", "d.npy", "-f", status=0 if ok else 1)
        if ok:
            same(f"{dtype} to {to}", np.load("d.npy"), np.array(values, dtype).astype(to))
        else:
            check(f"{dtype} to {to}: {said}", said in run.stderr and not os.path.exists("d.npy"), run.stderr)
        subprocess.run(["rm", "-f", "d.npy", "d.npy.items.csv", "d.npy.sheaf-journal"], check=True)

    cast([[1, 2], [3, 40000]], "f8", "int16", False, "element [1, 1] is 40000.0, which int16 cannot hold")
    cast([1.0, 2.5], "f8", "int32", False, "element [1] is 2.5")
    cast([1.0, np.nan], "f4", "int64", False, "element [1] is nan")
    cast([1.0, -0.0, 7.0], "f8", "int8", True)
    cast([2**63], "u8", "int64", False, "element [0] is 9223372036854775808")
    cast([-1], "i8", "uint64", False, "element [0] is -1")
    cast([2**62 + 1], "i8", "uint64", True)
    cast([2**53 + 1, -5], "i8", "float64", True)
    cast([0.1, np.inf, np.nan], "f8", "float32", True)
    cast([1.0, 1e300], "f8", "float32", False, "element [1] is 1e+300")
    cast([1.0, 70000.0], "f4", "float16", False, "element [1] is 70000.0")
    cast([1 + 0j, 2 + 1j], "c16", "float64", False, "element [1] is (2.0+1.0j)")
    cast([0, 1, 2], "i4", "bool", False, "element [2] is 2")
    cast([0, 1], "i4", "bool", True)


def check_history():
    os.environ["SOURCE_DATE_EPOCH"] = "0"
    make("h.nc")
    sheaf("map", "x", "h.nc:tas", "-o", "h1.nc")
    with netCDF4.Dataset("h1.nc") as f:
        line = f.history.split("\n")[0]
        check("the date", line.startswith("1970-01-01T00:00:00Z: sheaf map x h.nc:tas -o h1.nc (sheaf "), line)
    sheaf("map", "x", "h.nc:tas", "-o", "h2.nc", "--no-history")
    with netCDF4.Dataset("h2.nc") as f:
        check("none", f.history == "made by hand")
    sheaf("map", "mean(x)", "h.nc:tas", "-o", "h.csv", "--history")
    check("beside", "sheaf map 'mean(x)' h.nc:tas -o h.csv --history" in open("h.csv.history.txt").read())
    sheaf("map", "mean(x)", "h.nc:tas", "-o", "h.csv", "--no-history", "-f")
    check("not beside", not os.path.exists("h.csv.history.txt"))
    sheaf("map", "mean(x)", "http://me:word@host/a.nc?token=s3cret", "h.nc:tas", "-o", "u.csv", "--history", status=None)
    if os.path.exists("u.csv.history.txt"):
        said = open("u.csv.history.txt").read()
        check("no secrets", "host/a.nc" in said and "word" not in said and "s3cret" not in said, said)
    del os.environ["SOURCE_DATE_EPOCH"]
    make("r.nc")
    arguments = ("map", "mean(x, axis=0), max(x, axis=0)", "--select", "tas", "h.nc", "r.nc", "late.nc", "-o", "r.out.nc")
    sheaf(*arguments, "--halt=1", status=1)
    with netCDF4.Dataset("r.out.nc") as f:
        first = f.history
    make("late.nc")
    sheaf(*arguments, "--resume")
    with netCDF4.Dataset("r.out.nc") as f:
        check("continued, with the first run's line", f.history == first and not np.isnan(plain(f["max_x_axis_0"])).all())


def check_info():
    """What is told of a file, and the script that gnuplot gets."""
    make("i.nc")
    told = json.loads(sheaf("info", "--json", "i.nc").stdout)
    with netCDF4.Dataset("i.nc") as f:
        for part in told:
            v = f[part["path"].split(":")[1]]
            check("dimensions", part["dimensions"] == list(v.dimensions), part)
            for name in v.ncattrs():
                value = v.getncattr(name)
                said = part["attributes"][name]
                check(f"attribute {name}", said == value if isinstance(value, str) else float(said) == value, said)
    text = sheaf("info", "i.nc:tas", "i.nc:time", "--sparkline").stdout
    check("in words", "  dimensions time=4 lat=5 lon=7\n" in text and "  units: K\n" in text, text)
    check("a line", "  [0] ▁▃▆█ [3]\n" in text, text)
    sheaf("map", "x[0]", "i.nc:tas", "-o", "day's `id`.nc")
    os.mkdir("bin")
    with open("bin/gnuplot", "w") as fake:
        fake.write('#!/bin/sh\ncat >"$SCRIPT"\necho "$@"\n')
    os.chmod("bin/gnuplot", 0o755)
    environment = dict(os.environ, PATH=os.path.abspath("bin") + ":" + os.environ["PATH"], SCRIPT="script")

    def plot(*arguments):
        run = subprocess.run([os.environ["SHEAF"], "info", "--plot", "p.png", *arguments], env=environment,
                             capture_output=True, text=True)
        check(f"plot {arguments}", run.returncode == 0, run.stderr)
        check("drawn", open("p.png").read() == "--default-settings -\n")
        return open("script").read()

    script = plot("day's `id`.nc")
    check("quoted", "set title 'day''s `id`.nc:tas'\n" in script, script)
    check("axes", "set xlabel 'lon'\n" in script and "set ylabel 'lat'\n" in script and "noenhanced" in script)
    using = re.search(r"matrix using \(([^)]*)\):\(([^)]*)\):3 with image", script)
    at = [lambda k, e=e: eval(e.replace("$1", str(k)).replace("$2", str(k))) for e in using.groups()]
    check("longitudes to the right", [at[0](k) for k in (0, 6)] == [0, 60] and "$1" in using[1])
    check("north up", [at[1](k) for k in (0, 4)] == [-60, 60] and "$2" in using[2] and "yrange [*:*] reverse" not in script)
    rows = script.split("<< E\n")[1].split("E\n")[0].split("\n")[:-1]
    with netCDF4.Dataset("i.nc") as f:
        drawn = np.array([[float(x) for x in row.split()] for row in rows])
        check("values", np.allclose(drawn, plain(f["tas"])[0], rtol=1e-8, equal_nan=True))
    np.save("plain.npy", np.arange(6.0).reshape(2, 3))
    check("rows from the top", "yrange [*:*] reverse" in plot("plain.npy"))
    np.save("long.npy", np.sin(np.arange(100000.0)))
    lines = plot("long.npy").split("<< E\n")[1].split("E\n")[0].split("\n")[:-1]
    drawn = [float(line.split()[1]) for line in lines]
    check("extremes stay", np.isclose(max(drawn), np.sin(np.arange(100000.0)).max()) and len(lines) <= 2048, len(lines))
    np.savetxt("table.csv", np.arange(12.0).reshape(4, 3), delimiter=",", header="a,b,c", comments="")
    script = plot("table.csv")
    check("a panel per column", all(f"set title 'table.csv:{c}'" in script for c in "abc") and script.count("plot $d") == 3)
    data = plot("long.npy", "--plot-as", "hist").split("<< E\n")[1].split("E\n")[0].split("\n")[:-1]
    counts = [int(line.split()[1]) for line in data]
    check("a histogram", np.array_equal(counts, np.histogram(np.sin(np.arange(100000.0)), 64)[0]), counts)
    if shutil.which("gnuplot"):
        sheaf("info", "--plot", "real.png", "day's `id`.nc", "long.npy", "table.csv")
        check("a PNG", open("real.png", "rb").read(8) == b"\x89PNG\r\n\x1a\n")
        sheaf("info", "--plot", "real.svg", "day's `id`.nc")
        check("an SVG", "day's `id`.nc:tas" in open("real.svg").read())
    left = [name for name in os.listdir(".") if re.search(r"\.sheaf-[A-Za-z0-9]{6}$", name)]
    check("nothing is left", not left, left)
    environment["PATH"] = os.path.abspath("each")
    run = subprocess.run([os.environ["SHEAF"], "info", "--plot", "q.png", "plain.npy"], env=environment,
                         capture_output=True, text=True)
    check("no gnuplot", run.returncode == 2 and "install the package gnuplot-nox" in run.stderr, run.stderr)


def check_real(data):
    """Every real file of ours, to classic and back."""
    for folder, _, names in sorted(os.walk(os.path.join(data, "netcdf"))):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.endswith((".nc", ".nc4")) or os.path.getsize(path) > 8 << 20:
                continue
            with netCDF4.Dataset(path) as f:
                if sheaf("convert", path, "-o", "real.nc", "-f", status=None).returncode:
                    subprocess.run(["rm", "-f", "real.nc", "real.nc.sheaf-journal"], check=True)
                    continue
                opens("real.nc")
                before = dump(path)
                after = dump("real.nc")
                check(f"{name}: parts", set(after) == {n.replace("/", "_") for n, p in before.items() if p[0] == "OK"})
                for part, got in before.items():
                    if got[0] == "OK":
                        made = after.get(part.replace("/", "_"))
                        check(f"{name}:{part}", made == got or made and made[:3] == got[:3] and np.array_equal(
                            np.frombuffer(made[3], got[1]), np.frombuffer(got[3], got[1]), equal_nan=True))
                with netCDF4.Dataset("real.nc") as g:
                    for part in set(g.variables) & set(f.variables):
                        v, w = f[part], g[part]
                        check(f"{name}:{part}: dimensions", v.dtype.kind == "S" or v.dimensions == w.dimensions, w.dimensions)
                        for d in v.dimensions:
                            if d in f.variables and d in g.variables and f[d].dtype.kind in "iuf":
                                a, b = plain(f[d]), plain(g[d])
                                check(f"{name}: {d}", np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


check_kinds()
check_several()
check_joined()
check_dtypes()
check_convert()
check_casts()
check_history()
check_info()
if len(sys.argv) > 1 and sys.argv[1]:
    check_real(sys.argv[1])
raise SystemExit(finish())
