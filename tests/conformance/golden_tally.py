#!/usr/bin/env python3
"""Expected values of quantiles, unique and its kin, searching, histograms, counting and nonzero, by NumPy 2.

float16 is widened to float32 first, as Sheaf does. Quantiles of floats are NumPy's in float64, rounded once; those that
its formula makes NaN for want of an order of its operations (an infinity times 0) are left out here.
"""
import warnings
import numpy as np
from golden_functions import COMPLEX, DTYPES, FLOATS, INTS, widen16
from golden_writing import add_input, case, inputs, write

warnings.simplefilter("ignore")
rng = np.random.default_rng(20261126)
REAL = [d for d in DTYPES if d not in COMPLEX]


def numbers(dtype, shape):
    """With repetitions."""
    if dtype == "bool":
        return rng.random(shape) < 0.4
    if dtype in INTS:
        return rng.integers(0 if dtype[0] == "u" else -9, 9, shape).astype(dtype)
    x = np.round(rng.normal(0, 2.5, shape), 1)
    if dtype in COMPLEX:
        x = np.round(x) + 1j * np.round(rng.normal(0, 1, shape))
    return x.astype(dtype)


def ends(dtype):
    if dtype == "bool":
        return np.array([True, False, True])
    if dtype in INTS:
        info = np.iinfo(dtype)
        return np.array([info.max, info.min, 0, 1, info.max, info.max - 1, info.min + 1, 0]).astype(dtype)
    info = np.finfo(dtype)
    x = [np.inf, 0.0, -0.0, 1.5, -np.inf, info.max, -info.max, info.smallest_subnormal, 1.5, -2, info.tiny]
    return np.array(x, dtype)


def with_nans(x):
    x = x.copy()
    x.ravel()[[1, 4, 5]] = np.nan
    if x.dtype.kind == "c":
        x.ravel()[7] = complex(1, np.nan)
        x.ravel()[8] = complex(np.nan, 2)
    return x


def all_inputs():
    for d in DTYPES:
        add_input(f"a_{d}", numbers(d, (4, 3, 5)))
        add_input(f"v_{d}", numbers(d, (23,)))
        add_input(f"s_{d}", np.asarray(numbers(d, ()), d))
        add_input(f"e_{d}", np.zeros((0,), d))
        if d not in COMPLEX:
            add_input(f"x_{d}", ends(d))
        if d not in INTS and d != "bool":
            add_input(f"n_{d}", with_nans(numbers(d, (3, 7))))
            add_input(f"o_{d}", np.full((2, 3), np.nan, d))
        add_input(f"sorted_{d}", np.sort(widen16(inputs[f"v_{d}"])).astype(d))
        if d in FLOATS + COMPLEX:
            add_input(f"sorted_n_{d}", np.sort(widen16(inputs[f"n_{d}"]), axis=None).astype(d))
    add_input("q", np.array(0.3))
    add_input("q_list", np.array([0, 0.25, 0.5, 1, 0.99, 0.25]))
    add_input("q_half", np.array([0.5], "float32"))
    add_input("q_ends", np.array([1, 0], "int8"))
    add_input("q_none", np.zeros(0))
    add_input("p", np.array(30.0))
    add_input("p_list", np.array([0, 25, 50.5, 100, 99]))
    add_input("w", rng.normal(0, 1, (4, 3, 5)))
    add_input("w_v", rng.integers(-3, 4, 23).astype("int8"))
    add_input("edges", np.array([-6, -1.5, -1.5, 0, 0.25, 3, 4]))
    add_input("edges_f32", np.array([-6, -1.5, 0, 0.1, 3, 4], "float32"))
    add_input("edges_i16", np.array([-3, 0, 2, 2], "int16"))
    add_input("falling", np.array([7, 3, 1.5, 0, 0, -2]))
    add_input("rising", np.array([-4, -1, 0.5, 0.5, 3]))
    add_input("rising_i32", np.array([-3, 0, 5], "int32"))


# ---- quantiles ----

def result_dtype(x, method):
    if method in ("lower", "higher", "nearest"):
        return widen16(x).dtype
    return np.dtype("float32") if x.dtype in (np.float16, np.float32) else np.dtype("float64")


def wide(x, method):
    """In what NumPy is asked: int8 and its like overflow in its formula."""
    exact = method in ("lower", "higher", "nearest") or x.dtype.itemsize == 8 and x.dtype.kind in "iu"
    return x if exact else x.astype("float64")


def quantile(function, name, q, method="linear", axes=(), keepdims=False):
    x = inputs[name]
    f = getattr(np, function.replace("nan", "nan" if x.dtype.kind == "f" else ""))
    names, args = [name], [wide(x, method)]
    kw = {} if "median" in function else {"method": method}
    if "median" not in function:
        names.append(q)
        args.append(inputs[q].astype("float64"))
    value = np.asarray(f(*args, axis=tuple(axes) or None, keepdims=keepdims, **kw)).astype(result_dtype(x, method))
    options = {} if method == "linear" else kw
    case(function, names, [value], axes=axes, keepdims=keepdims, **options)


def quantiles():
    for d in REAL:
        for name in (f"a_{d}", f"v_{d}", f"s_{d}"):
            axes = [(), (1,), (-1,), (0, 2)] if name[0] == "a" else [()]
            for along in axes:
                for keepdims in (False, True):
                    quantile("median", name, None, axes=along, keepdims=keepdims)
                    for method in ("linear", "lower", "higher", "nearest", "midpoint"):
                        for q in ("q", "q_list") if keepdims else ("q", "q_list", "q_half", "q_ends", "q_none"):
                            quantile("quantile", name, q, method, along, keepdims)
                quantile("percentile", name, "p", axes=along)
                quantile("percentile", name, "p_list", "nearest", along, True)
        quantile("nanmedian", f"a_{d}", None, axes=(2,))
        quantile("nanquantile", f"a_{d}", "q_list", axes=(0,))
        quantile("nanpercentile", f"a_{d}", "p_list", axes=(0,))
        for method in ("lower", "higher", "nearest"):
            quantile("quantile", f"x_{d}", "q_list", method)
        if d in ("int8", "int32", "uint32", "uint8", "bool"):
            quantile("quantile", f"x_{d}", "q_list")
            quantile("median", f"x_{d}", None)
    for d in FLOATS:
        for name in (f"n_{d}", f"o_{d}"):
            for axes in ((), (0,), (1,)):
                quantile("median", name, None, axes=axes)
                quantile("nanmedian", name, None, axes=axes)
                quantile("quantile", name, "q_list", axes=axes)
                for method in ("linear", "lower", "midpoint"):
                    quantile("nanquantile", name, "q_list", method, axes)
                quantile("nanpercentile", name, "p", axes=axes, keepdims=True)


# ---- unique, bincount, nonzero ----

def unique(name):
    x = widen16(inputs[name])
    values, indices, inverse, counts = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
    inverse = inverse.reshape(x.shape)
    if x.dtype.kind == "c" and np.isnan(values[-1]):  # where the first of all NaNs is, not the first of the least kind
        indices[-1] = np.flatnonzero(np.isnan(x))[0]
    case("unique", [name], [values])
    case("unique_counts", [name], [values, counts])
    case("unique_inverse", [name], [values, inverse])
    case("unique_all", [name], [values, indices, inverse, counts])


def tallies():
    for d in DTYPES:
        names = [f"a_{d}", f"v_{d}", f"s_{d}"] + ([f"n_{d}", f"o_{d}"] if f"n_{d}" in inputs else [])
        for name in names + ([f"x_{d}"] if f"x_{d}" in inputs else []):
            if name != f"x_{d}" or d not in FLOATS:  # which of two zeros is not NumPy's to say
                unique(name)
        empty = inputs[f"e_{d}"]
        none = np.zeros(0, "int64")
        case("unique", [f"e_{d}"], [widen16(empty)])
        case("unique_all", [f"e_{d}"], [widen16(empty), none, none, none])
        for name in names + [f"e_{d}"]:
            if inputs[name].ndim:
                case("nonzero", [name], [np.array(np.nonzero(inputs[name])).astype("int64")])
        if d == "bool" or d[0] == "u":
            for name in names + [f"e_{d}"]:
                flat = inputs[name].ravel().astype("int64")
                case("bincount", [name], [np.bincount(flat)])
                case("bincount", [name], [np.bincount(flat, minlength=30)], minlength=30)
            for name, w in ((f"a_{d}", "w"), (f"v_{d}", "w_v")):
                flat, weights = inputs[name].ravel().astype("int64"), inputs[w].ravel()
                value = np.bincount(flat, weights)
                case("bincount", [name], [value], weights=w, scale=np.bincount(flat, np.abs(weights.astype("float64"))))


# ---- searching and histograms ----

def searches():
    for d in DTYPES:
        for x in (f"sorted_{d}", f"sorted_n_{d}", f"e_{d}"):
            for y in (f"a_{d}", f"v_{d}", f"s_{d}", f"n_{d}", "w"):
                if x not in inputs or y not in inputs or (d in COMPLEX and y == "w"):
                    continue
                a, b = widen16(inputs[x]), widen16(inputs[y])
                case("searchsorted", [x, y], [np.asarray(np.searchsorted(a, b)).astype("int64")])
                case("searchsorted", [x, y], [np.asarray(np.searchsorted(a, b, "right")).astype("int64")], side="right")
        if d in COMPLEX:
            continue
        for bins in ("rising", "falling", "rising_i32", "e_float32"):
            for x in (f"a_{d}", f"s_{d}", f"n_{d}"):
                if x not in inputs:
                    continue
                a, b = widen16(inputs[x]), inputs[bins]
                case("digitize", [x, bins], [np.asarray(np.digitize(a, b)).astype("int64")])
                case("digitize", [x, bins], [np.asarray(np.digitize(a, b, True)).astype("int64")], right=True)


def histogram(name, weights="-", edges=None, **options):
    x = widen16(inputs[name])
    x = x.astype("float64") if x.dtype == bool else x
    w = None if weights == "-" else inputs[weights].astype("float64")
    bins = inputs[edges] if edges else options.get("bins", 10)
    counts, found = np.histogram(x, bins, options.get("range"), weights=w)
    scale = np.maximum(np.histogram(x, bins, options.get("range"), weights=np.abs(w))[0], 1) if w is not None else None
    options = options | ({"edges": edges} if edges else {})
    if w is None:
        case("histogram", [name], [counts, found], **options)
    else:
        # The scale is that of both outputs: the edges are exact.
        size = max(counts.size, found.size)
        case("histogram", [name], [counts, found], weights=weights,
             scale=np.concatenate([scale, np.full(size - scale.size, 1.0)]), **options)


def histograms():
    for d in REAL:
        for name in (f"a_{d}", f"v_{d}", f"s_{d}", f"e_{d}"):
            histogram(name)
            histogram(name, bins=1)
            histogram(name, bins=37)
            histogram(name, bins=4, range=(-2.5, 3.25))
            histogram(name, edges="edges")
            histogram(name, edges="edges_f32")
            histogram(name, edges="edges_i16")
        histogram(f"a_{d}", weights="w", bins=6)
        histogram(f"v_{d}", weights="w_v", bins=3, range=(0, 5))
        if f"n_{d}" in inputs:
            histogram(f"n_{d}", bins=5, range=(-3, 3))
        elif d not in ("int64", "uint64", "bool"):
            histogram(f"x_{d}", bins=7)


all_inputs()
quantiles()
tallies()
searches()
histograms()
write("tally")
