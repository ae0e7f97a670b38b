#!/usr/bin/env python3
"""Golden values of sort and its kin, by NumPy 2 and SciPy's rankdata: golden/order.txt and order.dat.

Where a zero's sign decides, NumPy's stable sort by the number and then by the sign; of topk the ends of that order. What
stands on the sides of partition's k-th element keeps its order.
"""
import numpy as np
from scipy.stats import rankdata
from golden_functions import DTYPES, widen16
from golden_writing import add_input, case, write

rng = np.random.default_rng(4)


def make(dtype, shape):
    """Many ties; NaN, infinities and both zeros where there are any."""
    kind = np.dtype(dtype).kind
    n = int(np.prod(shape))
    if kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if kind in "iu":
        info = np.iinfo(dtype)
        x = rng.choice(np.array([info.min, info.max, 0, 1, 2, 3, 5, 100, info.max // 3], dtype), n)
        return x.reshape(shape)
    some = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.5, -2.25, 3, 1e-3, 7])
    wide = np.where(rng.random(n) < 0.6, rng.choice(some, n), rng.standard_normal(n)).astype(dtype)
    if kind == "c":
        wide = wide + 0  # no negative zeros: they compare equal, and NumPy says nothing about their order
        wide.imag = np.where(rng.random(n) < 0.7, rng.choice([np.nan, 1, 2, -np.inf, 0.0], n), 4)
    return wide.reshape(shape)


def order(x):
    """Places in order along a row."""
    if x.dtype.kind == "f":
        return np.lexsort((np.where(x == 0, ~np.signbit(x), False), x))
    return np.argsort(x, kind="stable")


def parted(x, k):
    places = order(x)
    ranks = np.empty(len(x), int)  # dense, by what compares as the order does
    ranks[places] = np.cumsum([i > 0 and differ(x[places[i - 1]], x[places[i]]) for i in range(len(x))])
    pivot = ranks[places[k]]
    return np.argsort(np.sign(ranks - pivot), kind="stable")


def differ(a, b):
    if np.isnan(a) and np.isnan(b):  # of complex numbers: the same parts NaN, the others equal
        parts = [(a.real, b.real), (a.imag, b.imag)]
        return any(p != q and not (np.isnan(p) and np.isnan(q)) for p, q in parts)
    return bool(a != b or (a.dtype.kind == "f" and np.signbit(a) != np.signbit(b)))


def greatest(x, k):
    """The places of the k greatest, equal ones in their order."""
    ranks = np.empty(len(x), int)
    places = order(x)
    ranks[places] = np.cumsum([i > 0 and differ(x[places[i - 1]], x[places[i]]) for i in range(len(x))])
    return np.argsort(-ranks, kind="stable")[:k] if k > 0 else places[:-k]


def rank(x, method):
    values = np.unique(x, return_inverse=True)[1]  # NaN last, all one; zeros one whatever their sign
    return rankdata(values, method).astype("float64" if method == "average" else "int64")


def rows(f, x, axis):
    return np.apply_along_axis(f, axis, x)


def add(name, x, axis):
    axes, n = [axis], x.shape[axis]
    wide = widen16(x)
    case("argsort", [name], [rows(order, wide, axis).astype("int64")], axes)
    case("sort", [name], [rows(lambda r: r[order(r)], wide, axis)], axes)
    for k in sorted({0, n // 2, -1}):
        case("argpartition", [name], [rows(lambda r: parted(r, k), wide, axis).astype("int64")], axes, k=k)
        case("partition", [name], [rows(lambda r: r[parted(r, k)], wide, axis)], axes, k=k)
    for k in (1, 3, -2, n + 1, -n):
        case("argtopk", [name], [rows(lambda r: greatest(r, k), wide, axis).astype("int64")], axes, k=k)
        case("topk", [name], [rows(lambda r: r[greatest(r, k)], wide, axis)], axes, k=k)
    if x.dtype.kind != "c":
        for method in ("ordinal", "average", "min", "max", "dense"):
            case("rank", [name], [rows(lambda r: rank(r, method), wide, axis)], axes, method=method)


def main():
    for dtype in DTYPES:
        for turn, (shape, axis) in enumerate([((23,), 0), ((4, 7), 0), ((2, 5, 3), -2)]):
            name = f"order_{dtype}_{turn}"
            x = make(dtype, shape)
            add_input(name, x)
            add(name, x, axis)
    for shape in ((0,), (0, 3)):
        x = np.zeros(shape)
        name = f"order_empty_{len(shape)}"
        add_input(name, x)
        for f in ("sort", "partition", "topk"):
            case(f, [name], [x], [0], **({} if f == "sort" else {"k": 2 if f == "topk" else 0}))
        for f in ("argsort", "argpartition", "argtopk", "rank"):
            case(f, [name], [x.astype("int64")], [0], **({"k": -2} if f == "argtopk" else {}))
    write("order")


main()
