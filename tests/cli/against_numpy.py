"""Compare what against_numpy.sh made in the current directory with NumPy's results on the same files.

against_numpy.py DATA    compare
against_numpy.py names   print the functions of REDUCTIONS; against_numpy.py arrays: of ARRAYS
"""

import csv
import glob
import json
import math
import os
import subprocess
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
data = sys.argv[1]
failures = 0


def moment(x, k):
    return np.mean((x - np.mean(x)) ** k)


REDUCTIONS = {
    "sum": np.sum,
    "prod": np.prod,
    "var": np.var,
    "std": np.std,
    "min": np.min,
    "max": np.max,
    "ptp": np.ptp,
    "argmin": np.argmin,
    "argmax": np.argmax,
    "any": np.any,
    "all": np.all,
    "count_nonzero": np.count_nonzero,
    "norm": lambda x: np.sqrt(np.sum(x * x)),
    "rms": lambda x: np.sqrt(np.mean(x * x)),
    "logsumexp": lambda x: np.max(x) + np.log(np.sum(np.exp(x - np.max(x)))),
    "skew": lambda x: moment(x, 3) / moment(x, 2) ** 1.5,
    "kurtosis": lambda x: moment(x, 4) / moment(x, 2) ** 2 - 3,
    "fsum": lambda x: math.fsum(x.flat),
    "nansum": np.nansum,
    "nanmean": np.nanmean,
    "nanvar": np.nanvar,
    "nanstd": np.nanstd,
    "nanmin": np.nanmin,
    "nanmax": np.nanmax,
    "nanargmin": np.nanargmin,
    "nanargmax": np.nanargmax,
}
ARRAYS = {
    "cumsum": lambda x: np.cumsum(x, dtype=np.float64).astype(x.dtype),
    "cumprod": lambda x: np.cumprod(x, dtype=np.float64).astype(x.dtype),
    "cummin": lambda x: np.minimum.accumulate(x.ravel()),
    "cummax": lambda x: np.maximum.accumulate(x.ravel()),
    "diff": np.diff,
    "floor": np.floor,
    "sign": np.sign,
    "square": np.square,
    "exp": np.exp,
    "sin": np.sin,
    "arctan": np.arctan,
    "tanh": np.tanh,
    "cbrt": np.cbrt,
    "isfinite": np.isfinite,
}

WEEK = np.full(7, 1 / 7)
BLUR = np.outer([1, 2, 1], [1, 2, 1]).astype(np.float32) / np.float32(16)


def average_rank(x):
    _, group, counts = np.unique(x, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[group]


def moving(f, window):
    """f of each window that ends in the last axis; NaN where it is not full."""
    windows = np.lib.stride_tricks.sliding_window_view

    def moved(x):
        y = np.full(x.shape, np.nan)
        y[..., window - 1 :] = f(windows(x, window, axis=-1), axis=-1)
        return y

    return moved


def convolved(taps):
    return lambda x: np.stack([np.convolve(row, taps, "valid") for row in x])


def blur(x):
    """Wrapped around in both directions."""
    padded = np.pad(x.astype(np.float64), 1, mode="wrap")
    m, n = x.shape
    return sum(BLUR[i, j] * padded[i : i + m, j : j + n] for i in range(3) for j in range(3)).astype(np.float32)


def save_others():
    """Inputs beside the file."""
    np.save("blur.npy", BLUR)
    np.save("week.npy", WEEK)
    np.save("shares.npy", np.array([0.05, 0.5, 0.95]))


# Functions with options, called through the C door: folder, name, options, NumPy's result, other inputs.
CALLS = [
    ("batch/nci60", "rank", ["method=average"], average_rank),
    ("batch/nci60", "rank", ["method=ordinal"], lambda x: np.argsort(np.argsort(x, kind="stable"), kind="stable") + 1),
    ("batch/nci60", "argtopk", ["k=10"], lambda x: np.lexsort((np.arange(x.size), -x))[:10]),
    ("batch/nci60", "unique_all", [], lambda x: np.unique(x, True, True, True)),
    ("batch/nci60", "histogram", ["bins=40"], lambda x: np.histogram(x, 40)),
    ("batch/nci60", "median", [], np.median),
    ("batch/nci60", "argsort", [], lambda x: np.argsort(x, kind="stable")),
    ("batch/vic_elec", "topk", ["k=4", "axis=1"], lambda x: -np.sort(-x, axis=1)[:, :4]),
    ("batch/vic_elec", "moving_mean", ["window=6"], moving(np.mean, 6)),
    ("batch/vic_elec", "moving_max", ["window=5"], moving(np.max, 5)),
    ("batch/vic_elec", "moving_median", ["window=8"], moving(np.median, 8)),
    ("batch/vic_elec", "moving_std", ["window=12"], moving(np.std, 12)),
    ("batch/vic_elec", "convolve", ["mode=valid"], convolved(WEEK), "week.npy"),
    ("batch/vic_elec", "quantile", ["axis=1"], lambda x: np.quantile(x, [0.05, 0.5, 0.95], axis=1), "shares.npy"),
    ("batch/vic_elec", "transpose", [], np.transpose),
    ("batch/eraint", "stencil", ["mode=wrap"], blur, "blur.npy"),
    ("batch/eraint", "roll", ["shift=240", "axis=1"], lambda x: np.roll(x, 240, 1)),
    ("batch/eraint", "pad", ["widths=2,3", "mode=reflect"], lambda x: np.pad(x, (2, 3), mode="reflect")),
    ("batch/eraint", "flip", ["axis=0"], lambda x: np.flip(x, 0)),
    ("batch/eraint", "nonzero", [], lambda x: np.stack(np.nonzero(x))),
    ("batch/vic_elec", "std", ["axis=1", "ddof=1"], lambda x: np.std(x, axis=1, ddof=1)),
    ("batch/vic_elec", "mean", ["axis=1", "keepdims=1"], lambda x: np.mean(x, axis=1, keepdims=True)),
    ("batch/eraint", "diff", ["axis=0"], lambda x: np.diff(x, axis=0)),
]


def check(what, good):
    global failures
    if not good:
        failures += 1
        print("FAILED:", what)


def close(a, b, ulps=8, scale=0.0):
    """Equal within some ULP of the values, or of the scale of what was added up; NaN and infinities alike."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(all="ignore"):
        near = np.abs(a - b) <= ulps * np.spacing(np.maximum(np.maximum(np.abs(a), np.abs(b)), scale))
    return bool(np.all(same | near))


def rows(path):
    with open(path, newline="") as file:
        table = list(csv.reader(file))
    return table[0], table[1:]


def inputs(folder):
    return sorted(glob.glob(os.path.join(data, folder, "*.npy")))


def sample(folder):
    files = inputs(folder)
    return files[:: max(1, len(files) // 6)]


def scale_of(name, x):
    """What rounding is measured by where terms may cancel."""
    return np.abs(x).sum() if name.endswith("sum") else np.abs(x).mean()


def reductions(folder):
    files = inputs(folder)
    for name, f in REDUCTIONS.items():
        header, body = rows(f"{name}.csv")
        check(f"{name}: header {header}", header == ["item", name])
        check(f"{name}: {len(body)} rows", [r[0] for r in body] == files)
        for file, text in body:
            x = np.load(file)
            mine, theirs = np.float64(text == "True" if text in ("True", "False") else text), np.float64(f(x))
            good = abs(mine - theirs) <= 1e-11 * max(abs(theirs), scale_of(name, x) if name != "prod" else 0)
            check(f"{name} of {file}: {text}, NumPy {theirs!r}", good or mine == theirs)
    print(f"{folder}: {len(REDUCTIONS)} reductions of {len(files)} files")


def maps(folder):
    files = inputs(folder)
    for name, f in ARRAYS.items():
        for file in files:
            x = np.load(file)
            scale = np.abs(x).max() if name == "cumsum" else 0
            mine, theirs = np.load(os.path.join(name, os.path.basename(file))), f(x)
            check(f"{name} of {file}: {mine.dtype}, {mine.shape}", mine.dtype == theirs.dtype and mine.shape == theirs.shape)
            near = np.allclose(mine, theirs, rtol=1e-12 if x.dtype == np.float64 else 4e-7, atol=1e-6 * scale, equal_nan=True)
            check(f"{name} of {file}", near)
    print(f"{folder}: {len(ARRAYS)} functions of {len(files)} arrays")


def table(path, folder, columns):
    header, body = rows(path)
    files = inputs(folder)
    check(f"{path}: header {header}", header == ["item"] + list(columns))
    check(f"{path}: {len(body)} rows for {len(files)} files", [r[0] for r in body] == files)
    for row in body:
        x = np.load(row[0])
        for text, (name, f) in zip(row[1:], columns.items()):
            expected = f(x)
            check(f"{path}: {row[0]}: {name} {text}, NumPy {expected!r}", close(np.float64(text), np.float64(expected), scale=np.abs(x).mean()))
    print(f"{path}: {len(body)} rows, {len(columns)} columns")


def arrays(folder):
    files = inputs(folder)
    for file in files:
        x = np.load(file)
        mine = np.load(os.path.join("sqrt", os.path.basename(file)))
        check(f"sqrt of {file}", close(mine, np.sqrt(x), 0))
    stack = np.load("sorted.npy")
    expected = np.stack([np.sort(np.load(file)) for file in files])
    check("sorted.npy", stack.dtype == expected.dtype and np.array_equal(stack, expected, equal_nan=True))
    check("sorted.npy.items.csv", [r[1] for r in rows("sorted.npy.items.csv")[1]] == files)
    print(f"{folder}: {len(files)} square roots and sorts")


def calls():
    """The outputs of each, one NumPy array or a tuple of them."""
    save_others()
    for folder, name, options, f, *others in CALLS:
        for file in sample(folder):
            subprocess.run([os.environ["SHEAF_CALL"], "called", name, *options, file, *others], check=True)
            theirs = f(np.load(file))
            paths = [f"called.{k}.npy" for k in range(len(theirs))] if isinstance(theirs, tuple) else ["called.npy"]
            for path, b in zip(paths, theirs if isinstance(theirs, tuple) else (theirs,)):
                a, b = np.load(path), np.asarray(b)
                what = f"{name} {' '.join(options)} of {file}"
                check(f"{what}: {a.dtype}, {a.shape}, NumPy {b.dtype}, {b.shape}", a.dtype == b.dtype and a.shape == b.shape)
                rounding = 1e-12 if b.dtype == np.float64 else 4e-6
                check(what, np.allclose(a, b, rtol=rounding, atol=rounding * np.nanmax(np.abs(b)), equal_nan=True))
    print(f"{len(CALLS)} functions with options")


def correlation(x):
    return np.corrcoef(x[0], x[1])[0, 1]


def robust(x):
    near = x[np.abs(x - np.median(x)) <= 3 * np.median(np.abs(x - np.median(x)))]
    return near.mean() if near.size >= 10 else np.nan


def standard(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


# Programs of the language with one output: folder, text, NumPy's result of one file.
PROGRAMS = [
    # Demand in row 0, temperature in row 1: their correlation, and the load's shape.
    ("vic_elec", "d = x[0] - mean(x[0]); t = x[1] - mean(x[1]); sum(d * t) / sqrt(sum(d**2) * sum(t**2))", correlation),
    ("vic_elec", "x[0] / mean(x[0])", lambda x: x[0] / x[0].mean()),
    ("vic_elec", "(x[0][::2] + x[0][1::2]) / 2", lambda x: (x[0][::2] + x[0][1::2]) / 2),
    ("vic_elec", "max(x[0]) / mean(x[0])", lambda x: x[0].max() / x[0].mean()),
    ("vic_elec", "argmax(x, axis=1)", lambda x: x.argmax(axis=1)),
    ("vic_elec", "where(x[1] > 25, x[0], nan)", lambda x: np.where(x[1] > 25, x[0], np.nan)),
    ("nci60", "m = median(x); a = abs(x - m); near = x[a <= 3 * median(a)]; where(near.size >= 10, near.mean(), nan)", robust),
    ("nci60", "quantile(x, 0.9) - quantile(x, 0.1)", lambda x: np.quantile(x, 0.9) - np.quantile(x, 0.1)),
    ("nci60", "x[x > 0].size", lambda x: np.int64((x > 0).sum())),
    ("eraint", "(x - mean(x, axis=0)) / std(x, axis=0)", standard),
    ("eraint", "x[1:-1, 2:] - x[1:-1, :-2]", lambda x: x[1:-1, 2:] - x[1:-1, :-2]),
    ("eraint", "sqrt(x**2 + 1).max(axis=1)", lambda x: np.sqrt(x**2 + 1).max(axis=1)),
    ("eraint", "mean(x.astype(float64) ** 3, axis=(0, 1))", lambda x: (x.astype(np.float64) ** 3).mean(axis=(0, 1))),
]


def programs():
    for folder, text, f in PROGRAMS:
        files = sample(f"batch/{folder}")
        subprocess.run([os.environ["SHEAF"], "map", "-qf", text, *files, "-o", "program/"], check=True)
        for file in files:
            a, b = np.load(os.path.join("program", os.path.basename(file))), np.asarray(f(np.load(file)))
            check(f"{text} of {file}: {a.dtype}, {a.shape}, NumPy {b.dtype}, {b.shape}", a.dtype == b.dtype and a.shape == b.shape)
            rounding = 1e-11 if b.dtype == np.float64 else 2e-5
            check(f"{text} of {file}", np.allclose(a, b, rtol=rounding, atol=rounding * np.nanmax(np.abs(b), initial=0), equal_nan=True))
    print(f"{len(PROGRAMS)} programs")


def files_read():
    files = inputs("npy")
    for file, info in zip(files, json.load(open("info.json"))):
        x = np.load(file)
        check(f"{file}: {info}", info["path"] == file and info["dtype"] == x.dtype.name)
        check(f"{file}: shape {info['shape']}", tuple(info["shape"]) == x.shape)
        check(f"{file}: NaN {info['nan']}", info["nan"] == np.isnan(x).sum())
        mine = np.load(os.path.join("npy", os.path.basename(file)))
        # float16 is read, and computed as float32.
        dtype = np.float32 if x.dtype == np.float16 else x.dtype.newbyteorder("=")
        check(f"-x of {file}: {mine.dtype}", mine.dtype == dtype and np.array_equal(mine, -x, equal_nan=True))
    print(f"npy: {len(files)} files read")


if data in ("names", "arrays"):
    print(*(REDUCTIONS if data == "names" else ARRAYS))
    sys.exit(0)
reductions("batch/vic_elec")
maps("batch/eraint")
table(
    "stats.csv",
    "batch/vic_elec",
    {
        "stats.count": np.size,
        "stats.mean": np.mean,
        "stats.std": np.std,
        "stats.min": np.min,
        "stats.max": np.max,
    },
)
table("mean.csv", "batch/nci60", {"mean": np.mean})
arrays("batch/eraint")
calls()
programs()
files_read()
print("all agree with NumPy" if not failures else f"{failures} failed")
sys.exit(1 if failures else 0)
