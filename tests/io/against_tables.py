"""Every real table and matrix, read by Python's csv module and float(), and by Sheaf: the same names and bits."""

import csv
import glob
import os
import struct
import subprocess
import sys

DATA = sys.argv[1]
MISSING = {"", "NA", "NaN", "nan", "***"}
FIRST = {"GLB.Ts+dSST.csv": 1}  # lines of title


def dump(path):
    """{part: (dtype, shape, values)}; bytes that are not numbers fail the test."""
    parts = {}
    run = subprocess.run([os.environ["SHEAF_DUMP"], path], stdout=subprocess.PIPE, check=True, text=True)
    for line in run.stdout.splitlines():
        name, status, *rest = line.split("\t")
        assert status == "OK", line
        raw = bytes.fromhex(rest[2])
        code = "q" if rest[0] == "int64" else "d"
        shape = tuple(int(n) for n in rest[1].split(",") if n)
        parts[name] = rest[0], shape, struct.unpack(f"={len(raw) // 8}{code}", raw)
    return parts


def number(cell):
    cell = cell.strip()
    return float("nan") if cell in MISSING else float(cell)


def is_number(cell):
    try:
        number(cell)
        return True
    except ValueError:
        return False


def same(a, b):
    return len(a) == len(b) and all(struct.pack("d", x) == struct.pack("d", y) or (x != x and y != y)
                                    for x, y in zip(a, b))


def check_csv(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row][FIRST.get(os.path.basename(path), 0):]
    header, rows = rows[0], rows[1:]
    numeric = [c for c in range(len(header)) if all(is_number(row[c]) for row in rows)]
    parts = dump(path)
    assert list(parts) == [""] + [header[c] for c in numeric], (path, list(parts))
    table = [number(row[c]) for row in rows for c in numeric]
    assert parts[""][1] == (len(rows), len(numeric)) and same(parts[""][2], table), path
    for c in numeric:
        column = [number(row[c]) for row in rows]
        assert parts[header[c]][1] == (len(rows),) and same(parts[header[c]][2], column), (path, header[c])
    print(f"{os.path.basename(path)}: {len(rows)} rows, {len(numeric)} of {len(header)} columns are numbers")


def check_mtx(path):
    with open(path, encoding="latin-1") as file:
        banner = file.readline().lower().split()
        lines = [line.split() for line in file if line.strip() and not line.startswith("%")]
    assert banner[1:4] == ["matrix", "coordinate", "real"]
    rows, columns, entries = map(int, lines[0])
    dense = [0.0] * (rows * columns)
    for i, j, value in lines[1:]:
        at = (int(i) - 1) * columns + int(j) - 1
        dense[at] += float(value)
        if banner[4] == "symmetric" and i != j:
            dense[(int(j) - 1) * columns + int(i) - 1] += float(value)
    ((dtype, shape, values),) = dump(path).values()
    assert len(lines) == entries + 1 and dtype == "float64" and shape == (rows, columns) and same(values, dense), path
    print(f"{os.path.basename(path)}: {rows} x {columns}, {entries} entries")


tables, matrices = sorted(glob.glob(DATA + "/csv/*.csv")), sorted(glob.glob(DATA + "/mtx/*.mtx"))
assert tables and matrices
for each in tables:
    check_csv(each)
for each in matrices:
    check_mtx(each)
