"""Files joined to one array, beside NumPy and netCDF4-python; real ones beside CDO and NCO, where these are installed."""

import gzip
import os
import shutil
import subprocess
import sys
import warnings

import netCDF4
import numpy as np

from reading import check, finish

rng = np.random.default_rng(5)
warnings.simplefilter("ignore")  # means of nothing are NaN here and there


def run(function, axis, paths, *more, memory=None):
    """What a map over the joined paths gives; None when it fails."""
    shutil.rmtree("out", ignore_errors=True)
    limit = ["--memory", memory] if memory else []
    command = [os.environ["SHEAF"], "map", "-q", "--no-sync", function, "--join", axis, *paths, *more, *limit]
    done = subprocess.run([*command, "-f", "-o", "out/{index}.npy"], capture_output=True)
    return np.load("out/0.npy") if done.returncode == 0 else None


def same(what, got, expected):
    ok = got is not None and got.shape == expected.shape and np.array_equal(got, expected, equal_nan=True)
    check(what, ok, None if got is None else (got.dtype, got.shape), expected.shape)


def near(what, got, expected):
    ok = got is not None and got.shape == expected.shape and np.allclose(got, expected, rtol=1e-6, atol=1e-6, equal_nan=True)
    check(what, ok, None if got is None else got.shape, expected.shape)


# ---- files of every format ----


def save_netcdf(path, form, a, first, chunked):
    with netCDF4.Dataset(path, "w", format=form) as f:
        f.createDimension("time", None)
        f.createDimension("lat", a.shape[1])
        f.createDimension("lon", a.shape[2])
        time = f.createVariable("time", "f8", ("time",))
        time.units = "days since 2000-01-01"
        time[:] = first + np.arange(a.shape[0])
        f.createVariable("lat", "f4", ("lat",))[:] = np.linspace(-60, 60, a.shape[1])
        more = {"zlib": True, "chunksizes": (2, 5, a.shape[2])} if chunked else {}
        x = f.createVariable("x", "f4", ("time", "lat", "lon"), fill_value=np.float32(-99), **more)
        x.units = "K"
        x[:] = np.ma.masked_invalid(a)


def save(path, a, first):
    if path.endswith(".npz"):
        np.savez_compressed(path, x=a)
    elif path.endswith(".nc"):
        kind = path.split("-")[0]
        save_netcdf(path, "NETCDF4" if kind != "classic" else "NETCDF3_CLASSIC", a, first, kind == "chunked")
    elif path.endswith(".gz"):
        np.save("plain.npy", a)
        open(path, "wb").write(gzip.compress(open("plain.npy", "rb").read()))
    else:
        np.save(path, np.asfortranarray(a) if path.startswith("f") else a)


def every_format():
    for kind in ("c-{}.npy", "f-{}.npy", "z-{}.npz:x", "g-{}.npy.gz", "classic-{}.nc:x", "chunked-{}.nc:x"):
        for axis in range(3):
            shapes = [[9, 11, 13] for _ in range(4)]
            for k, shape in enumerate(shapes):
                shape[axis] += 3 * k
            arrays = [rng.normal(size=s).astype("f4") for s in shapes]
            for a in arrays:
                a[0, 1, 2] = np.nan
            paths = [kind.format(k) for k in range(4)]
            for k, (path, a) in enumerate(zip(paths, arrays)):
                save(path.split(":")[0], a, 100 * k if axis == 0 else 0)
            named = "nc" in kind and axis == 1
            joined = np.concatenate(arrays, axis)
            same(f"{kind} along {axis}", run("x", str(axis), paths), joined)
            if not named and not kind.startswith(("z", "g", "f")):
                same(f"{kind} along {axis}, streamed", run("x", str(axis), paths, memory="9k"), joined)
            if "nc" in kind:
                same(f"{kind} by name", run("x", ("time", "lat", "lon")[axis], paths), joined)
                near(f"{kind} mean by name", run("nanmean(x, axis='lat')", str(axis), paths), np.nanmean(joined, 1))
        arrays = [rng.normal(size=(5, 6, 7)).astype("f4") for _ in range(3)]
        paths = [kind.format(k) for k in range(3)]
        for path, a in zip(paths, arrays):
            save(path.split(":")[0], a, 0)
        stack = np.stack(arrays)
        same(f"{kind} stacked", run("x", "new", paths), stack)
        near(f"{kind} quantile", run("quantile(x, 0.9, axis=0)", "new", paths), np.quantile(stack, 0.9, axis=0))
        np.save("clim.npy", stack.mean(axis=0))
        same(f"{kind} anomaly", run("x - clim", "new", paths, "--with", "clim=clim.npy"), stack - np.load("clim.npy"))


def mixed():
    a, b = rng.normal(size=(2, 3, 4, 5)).astype("f4")
    save("classic-0.nc", a, 0)
    np.savez("z.npz", x=b)
    same("netCDF and .npz", run("x", "0", ["classic-0.nc:x", "z.npz:x"]), np.concatenate([a, b]))


def north_and_south():
    a = rng.normal(size=(2, 3, 4)).astype("f4")
    for form in ("classic", "four"):
        save(f"{form}-0.nc", a, 0)
        save(f"{form}-1.nc", a, 0)
        with netCDF4.Dataset(f"{form}-1.nc", "a") as f:
            f["lat"][:] = f["lat"][::-1]
        paths = [f"{form}-0.nc:x", f"{form}-1.nc:x"]
        check(f"{form}: latitudes the other way round", run("x", "new", paths) is None)
        check(f"{form}: and along time", run("x", "time", paths) is None)
        check(f"{form}: along them they may be so", run("x", "lat", paths) is not None)


# ---- what the written file says about the joined dimension ----


def save_told(path, first, times, lats):
    """x(time, lat) with bounds of time, auxiliary coordinates on either and both, and numbers that tell files apart."""
    with netCDF4.Dataset(path, "w", format="NETCDF3_CLASSIC") as f:
        f.title, f.run = "a title", path
        for name, n in (("time", times), ("lat", len(lats)), ("nv", 2)):
            f.createDimension(name, n)
        told = {
            "time": (("time",), first + np.arange(times)),
            "time_bnds": (("time", "nv"), first + np.arange(times)[:, None] + [0.0, 1.0]),
            "lat": (("lat",), lats),
            "season": (("time",), first + np.arange(times) % 4),
            "depth": (("time", "lat"), rng.normal(size=(times, len(lats)))),
            "area": (("lat",), rng.normal(size=1) + lats),
            "height": ((), 2.0),
            "member": ((), first),
            "x": (("time", "lat"), rng.normal(size=(times, len(lats)))),
        }
        for name, (dims, values) in told.items():
            f.createVariable(name, "f8", dims)[...] = values
        f["time"].setncatts({"units": "days since 2000-01-01", "calendar": "noleap", "bounds": "time_bnds"})
        f["x"].setncatts({"units": "K", "coordinates": "season depth area height member", "source": path})
    return {name: values for name, (_, values) in told.items()}


def told_of_joined():
    files = ("told-0.nc", "told-1.nc", "told-2.nc")
    lats = np.linspace(-60, 60, 5)
    for axis in ("time", "lat"):
        if axis == "time":
            parts = [save_told(p, 100 * k, 3 + k, lats) for k, p in enumerate(files)]
        else:
            parts = [save_told(p, 0, 3, lats + 200 * k) for k, p in enumerate(files)]
        paths = [p + ":x" for p in files]
        command = [os.environ["SHEAF"], "map", "-q", "--no-sync", "x", "--join", axis, *paths, "-f", "-o", "merged.nc"]
        check(f"{axis}: written", subprocess.run(command).returncode == 0)
        joined = {"time": ("time", "time_bnds", "season"), "lat": ("lat", "area")}[axis]
        with netCDF4.Dataset("merged.nc") as f:
            for name in (*joined, "depth", "x"):
                expected = np.concatenate([p[name] for p in parts], int(axis == "lat" and name in ("depth", "x")))
                same(f"{axis}: {name}", f[name][:].filled(np.nan) if name in f.variables else None, expected)
            check(f"{axis}: dimensions", f["x"].dimensions == ("time", "lat"), f["x"].dimensions)
            others = [n for n in ("lat", "area", "time", "season") if n not in joined]
            kept = [n for n in others if np.array_equal(parts[0][n], parts[1][n])]
            check(f"{axis}: what all say", all(n in f.variables for n in (*kept, "height")), list(f.variables))
            lost = [n for n in others if n not in kept] + (["member"] if axis == "time" else [])
            check(f"{axis}: what they do not", not any(n in f.variables for n in lost), list(f.variables))
            told = (f["time"].units, f["time"].calendar, f["x"].units, f.title)
            check(f"{axis}: attributes", told == ("days since 2000-01-01", "noleap", "K", "a title"), told)
            check(f"{axis}: attributes that differ", not hasattr(f, "run") and not hasattr(f["x"], "source"))
            if axis == "time":
                check("bounds are told", getattr(f["time"], "bounds", None) == "time_bnds")


# ---- real files ----


def tool(*command):
    subprocess.run(command, check=True, capture_output=True)
    with netCDF4.Dataset(command[-1]) as f:
        return np.ma.asarray(f["u"][:]).astype("f8").filled(np.nan)


def real(data):
    paths = [os.path.join(data or "", "netcdf", "cf", f"era-interim-month{m}.nc") for m in ("01", "07")]
    if not os.path.exists(paths[0]):
        print("not compared: there are no shared data")
        return
    parts = [p + ":u" for p in paths]
    a, b = (np.ma.asarray(netCDF4.Dataset(p)["u"][:]).astype("f8").filled(np.nan) for p in paths)
    merged, mean = run("x", "time", parts), run("nanmean(x, axis='time')", "time", parts)
    anomaly = run("x - nanmean(x, axis=0)", "time", parts)
    same("era-interim merged", merged, np.concatenate([a, b]))
    near("era-interim mean", mean, np.nanmean(np.concatenate([a, b]), axis=0))
    check("its missing cells", np.isnan(merged).sum() == 70, np.isnan(merged).sum())
    check("two times are no ensemble", run("nanmean(x, axis=0)", "new", parts) is None)
    if shutil.which("cdo"):
        near("as CDO merges", merged, tool("cdo", "-s", "-O", "-b", "F64", "mergetime", *paths, "cdo.nc"))
        near("as CDO averages", mean[None], tool("cdo", "-s", "-O", "-b", "F64", "-timmean", "-mergetime", *paths, "cdo.nc"))
        near("as CDO's ensemble", mean[None], tool("cdo", "-s", "-O", "-b", "F64", "ensmean", *paths, "cdo.nc"))
        near("as CDO subtracts", anomaly[:1], tool("cdo", "-s", "-O", "-b", "F64", "sub", paths[0], "cdo.nc", "sub.nc"))
    else:
        print("not compared: CDO is not installed")
    if shutil.which("ncra"):
        near("as NCO merges", merged, tool("ncrcat", "-O", "-v", "u", *paths, "nco.nc"))
        subprocess.run([os.environ["SHEAF"], "map", "-q", "x", "--join", "time", *parts, "-f", "-o", "merged.nc"])
        with netCDF4.Dataset("nco.nc") as nco, netCDF4.Dataset("merged.nc") as ours:
            for name in nco["u"].dimensions:
                same(f"its {name} as NCO has it", ours[name][:].filled(), nco[name][:].filled())
        near("as NCO averages", mean[None], tool("ncra", "-O", "-v", "u", *paths, "nco.nc"))
        near("as NCO subtracts", anomaly[1:], tool("ncbo", "-O", "--op_typ=-", "-v", "u", paths[1], "nco.nc", "sub.nc"))
    else:
        print("not compared: NCO is not installed")


every_format()
mixed()
north_and_south()
told_of_joined()
real(sys.argv[1] if len(sys.argv) > 1 else None)
sys.exit(finish())
