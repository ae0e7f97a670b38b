"""Compare what against_numpy.sh made in the current directory with NumPy's results on the same files."""

import csv
import glob
import json
import os
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
data = sys.argv[1]
failures = 0


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
files_read()
print("all agree with NumPy" if not failures else f"{failures} failed")
sys.exit(1 if failures else 0)
