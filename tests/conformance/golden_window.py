#!/usr/bin/env python3
"""Expected values of windows, filters and interpolation: pandas, SciPy and NumPy say which (and the values agree with
theirs); the values are those of the definition in exact arithmetic, but for interp, which is NumPy's to the bit. Two runs
give the same files."""
from fractions import Fraction
import math
import numpy as np
import pandas as pd
from scipy import signal
from golden_writing import *

rng = np.random.default_rng(20261126)
FLOATS = ["float64", "float32", "float16"]
DTYPES = FLOATS + ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


def made(dtype, shape):
    if dtype == "bool":
        return rng.random(shape) < 0.5
    if dtype in FLOATS:
        return rng.normal(0.7, 2, shape).astype(dtype)
    return rng.integers(0 if dtype[0] == "u" else -100, 100, shape).astype(dtype)


def result_dtype(x):
    return x.dtype if x.dtype in ("float32", "float64") else "float32" if x.dtype == "float16" else "float64"


# ---- windows ----

def root(x):
    """sqrt of a fraction, correctly rounded."""
    if x == 0:
        return 0.0
    shift = 2 * (140 - (x.numerator.bit_length() - x.denominator.bit_length()) // 2)
    scaled = x * Fraction(2) ** shift
    return float(Fraction(math.isqrt(scaled.numerator // scaled.denominator)) / Fraction(2) ** (shift // 2))



def of_numbers(name, v, ddof):
    """The function of these finite numbers, and what its errors are measured by."""
    f = [Fraction(float(x)) for x in v]
    n, total, magnitude = len(f), sum(f), sum(abs(x) for x in f)
    if name == "moving_sum":
        return float(total), float(magnitude)
    if name == "moving_mean":
        return float(total / n), float(magnitude / n)
    if name in ("moving_var", "moving_std"):
        if n <= ddof:
            return math.nan, 0
        square = sum((x - total / n) ** 2 for x in f) / (n - Fraction(ddof))
        value = root(square) if name == "moving_std" else float(square)
        return value, value
    s = sorted(v)
    value = {"moving_min": s[0], "moving_max": s[-1], "moving_median": float((Fraction(float(s[(n - 1) // 2])) + Fraction(float(s[n // 2]))) / 2)}[name]
    return value, abs(value)


def along(row, name, window, min_count, center, ddof):
    n, ahead = len(row), (window - 1) // 2 if center else 0
    out, scale = np.empty(n), np.empty(n)
    for i in range(n):
        v = row[max(i + ahead - window + 1, 0):i + ahead + 1]
        v = v[~np.isnan(v)]
        out[i], scale[i] = (math.nan, 0) if len(v) < (min_count or window) else of_numbers(name, v, ddof)
    rolling = pd.Series(row).rolling(window, min_periods=min_count or None, center=center)
    method = getattr(rolling, name[7:])
    pandas = method(ddof=ddof) if name in ("moving_var", "moving_std") else method()
    np.testing.assert_allclose(out, pandas.to_numpy(), rtol=1e-9, atol=1e-9)
    return out, scale


def window_case(name, source, axis, window, min_count=0, center=False, ddof=0):
    x = inputs[source]
    rows = np.moveaxis(x.astype(float), axis, -1)
    out, scale = np.empty(rows.shape), np.empty(rows.shape)
    for at in np.ndindex(rows.shape[:-1]):
        out[at], scale[at] = along(rows[at], name, window, min_count, center, ddof)
    options = {k: v for k, v in {"min_count": min_count, "center": center}.items() if v}
    case(name, [source], [np.moveaxis(out, -1, axis).astype(result_dtype(x))], axes=() if axis == -1 else (axis,), ddof=ddof,
         scale=np.moveaxis(scale, -1, axis), window=window, **options)


def windows():
    names = ["moving_sum", "moving_mean", "moving_min", "moving_max", "moving_median", "moving_var", "moving_std"]
    for name in names:
        moments = name in ("moving_var", "moving_std")
        for window in (1, 2, 3, 5, 8, 13, 16, 20, 29, 50, 200):
            window_case(name, "x_float64", -1, window)
            window_case(name, "gaps_float64", -1, window, (window + 2) // 3, window % 2 == 1)
        for window, center in ((4, True), (7, True), (41, True), (99, True)):
            window_case(name, "x_float64", -1, window, 1, center)
        for dtype in DTYPES:
            window_case(name, "a_" + dtype, -1, 3)
            window_case(name, "a_" + dtype, 1, 4, 2)
            window_case(name, "a_" + dtype, 0, 2, 1, True)
            window_case(name, "x_" + dtype, -1, 9)
        for dtype in FLOATS:
            window_case(name, "gaps_" + dtype, -1, 6, 3, False, 1 if moments else 0)
            window_case(name, "gaps_" + dtype, 0, 10, 1, True, 2 if moments else 0)
        window_case(name, "nothing", -1, 3)
        window_case(name, "nothing", 0, 3)
        window_case(name, "one", -1, 1)
        window_case(name, "one", 0, 2, 1)


# ---- exponential weights ----

def ewm_row(row, alpha, adjust):
    c, a = 1 - Fraction(alpha), Fraction(alpha)
    out, scale, total, magnitude, weight = np.empty(len(row)), np.empty(len(row)), None, None, None
    for i, x in enumerate(row):
        if total is not None:
            weight *= c
        if not math.isnan(x):
            f = Fraction(float(x))
            if total is None:
                total, magnitude, weight = f, abs(f), Fraction(1)
            else:
                fresh = 1 if adjust else a
                total = (weight * total + fresh * f) / (weight + fresh)
                magnitude = (weight * magnitude + fresh * abs(f)) / (weight + fresh)
                weight = weight + 1 if adjust else Fraction(1)
                if total.denominator.bit_length() > 3000:  # enough is enough
                    total, magnitude, weight = (Fraction(round(v * 2**2000), 2**2000) for v in (total, magnitude, weight))
        out[i], scale[i] = (math.nan, 0) if total is None else (float(total), float(magnitude))
    if not adjust and alpha == 0.5 and np.isnan(row).any():
        return out, scale  # pandas 3 gives the newest 1 - (its weight) there, against its own description
    np.testing.assert_allclose(out, pd.Series(row).ewm(alpha=alpha, adjust=adjust).mean().to_numpy(), rtol=1e-9, atol=1e-12)
    return out, scale


def ewm_case(source, axis, alpha, adjust=True):
    x = inputs[source]
    rows = np.moveaxis(x.astype(float), axis, -1)
    out, scale = np.empty(rows.shape), np.empty(rows.shape)
    for at in np.ndindex(rows.shape[:-1]):
        out[at], scale[at] = ewm_row(rows[at], alpha, adjust)
    case("ewm", [source], [np.moveaxis(out, -1, axis).astype(result_dtype(x))], axes=() if axis == -1 else (axis,),
         scale=np.moveaxis(scale, -1, axis), alpha=alpha, **({} if adjust else {"adjust": 0}))


def ewms():
    for adjust in (True, False):
        for alpha in (0.1, 0.25, 0.5, 0.9, 1.0):
            ewm_case("x_float64", -1, alpha, adjust)
            ewm_case("gaps_float64", -1, alpha, adjust)
        for dtype in DTYPES:
            ewm_case("a_" + dtype, 1, 0.3, adjust)
            ewm_case("a_" + dtype, 0, 0.75, adjust)
        for dtype in FLOATS:
            ewm_case("gaps_" + dtype, 0, 0.5, adjust)
        ewm_case("nothing", -1, 0.5, adjust)
        ewm_case("late", -1, 0.5, adjust)


# ---- filters ----

def filter_row(b, a, row):
    b, a = [[Fraction(float(v)) for v in c] for c in (b, a)]
    x, y = [Fraction(float(v)) for v in row], []
    for i in range(len(x)):
        v = sum(b[k] * x[i - k] for k in range(len(b)) if k <= i) - sum(a[k] * y[i - k] for k in range(1, len(a)) if k <= i)
        v /= a[0]
        y.append(v if v.denominator.bit_length() < 3000 else Fraction(round(v * 2**2000), 2**2000))
    return np.array([float(v) for v in y])


def filter_case(names, axis):
    b, a, x = (inputs[name] for name in names)
    rows = np.moveaxis(x.astype(float), axis, -1)
    out = np.empty(rows.shape)
    for at in np.ndindex(rows.shape[:-1]):
        out[at] = filter_row(b, a, rows[at])
    out = np.moveaxis(out, -1, axis)
    scipy = signal.lfilter(b.astype(float), a.astype(float), x.astype(float), axis=axis) if x.size else out
    np.testing.assert_allclose(out, scipy, rtol=1e-9, atol=1e-9)
    dtype = np.result_type(b, a, x)
    dtype = "float64" if dtype.kind in "biu" else "float32" if dtype == "float16" else dtype
    size = np.full(out.shape, np.abs(out).max(initial=0) + np.abs(x.astype(float)).max(initial=0) * np.abs(b.astype(float)).sum())
    case("lfilter", list(names), [out.astype(dtype)], axes=() if axis == -1 else (axis,), scale=size)


def filters():
    smooth = {"one": ([1.5], [1]), "three": ([1, -2, 0.5], [2]), "long": (rng.normal(size=21), [1]), "pole": ([0.2], [1, -0.8]),
              "second": signal.butter(2, 0.2), "fourth": signal.butter(4, 0.3), "high": signal.cheby1(7, 1, 0.5),
              "late": ([0, 0, 1, 3], [-4, 0.5, 0, 0, 1])}
    for name, (b, a) in smooth.items():
        for dtype in ("float64", "float32"):
            add_input(f"b_{name}_{dtype}", np.asarray(b, dtype))
            add_input(f"a_{name}_{dtype}", np.asarray(a, dtype))
        for source, axis in (("x_float64", -1), ("y_float64", -1), ("a_float64", 0), ("a_float64", 1), ("nothing", -1)):
            filter_case((f"b_{name}_float64", f"a_{name}_float64", source), axis)
        filter_case((f"b_{name}_float32", f"a_{name}_float32", "x_float32"), -1)
        filter_case((f"b_{name}_float32", f"a_{name}_float32", "a_float16"), 1)
        filter_case((f"b_{name}_float64", f"a_{name}_float32", "a_float32"), 0)
    add_input("b_int", np.array([3, 0, -2]))
    add_input("a_int", np.array([2, 1], "int8"))
    for dtype in DTYPES:
        filter_case(("b_int", "a_int", "a_" + dtype), 1)


# ---- interpolation ----

def interp_case(x, xp, fp):
    with np.errstate(all="ignore"):
        out = np.interp(inputs[x], inputs[xp], inputs[fp])
    case("interp", [x, xp, fp], [np.asarray(out, "float64")])


def interps():
    points = {"two": [0, 1], "few": [-2, -0.5, 0, 0.25, 3], "one": [0.5], "steps": [-1, 0, 0, 0, 1, 1, 2], "ends": [-np.inf, -1, 2, np.inf]}
    for n in (17, 100, 1000):
        points[f"n{n}"] = np.sort(rng.normal(0, 1.5, n))
    add_input("where", np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, -1, 1, 2, 3, 4, 0.5, -2, -2.0000001, 1e300, -1e300, 5e-324, 0.1]))
    for name, xp in points.items():
        xp = np.asarray(xp, float)
        fp = rng.normal(0, 3, len(xp))
        add_input("xp_" + name, xp)
        add_input("fp_" + name, fp)
        wild = fp.copy()
        wild[::2] = rng.choice([np.inf, -np.inf, np.nan, 1e308, -1e308, -0.0], len(wild[::2]))
        add_input("wild_" + name, wild)
        for source in ("where", "x_float64", "many", "a_float32", "nothing", "scalar"):
            if name == "one" and source == "where":  # of a single point NumPy's is fp[0] for NaN too
                continue
            interp_case(source, "xp_" + name, "fp_" + name)
            interp_case(source, "xp_" + name, "wild_" + name)
        add_input("own_" + name, xp)
        interp_case("own_" + name, "xp_" + name, "fp_" + name)
    add_input("xp_int", np.array([-50, -3, 0, 4, 90], "int16"))
    add_input("fp_int", np.array([7, 200, 0, 1, 9], "uint8"))
    for dtype in DTYPES:
        interp_case("a_" + dtype, "xp_int", "fp_int")


def main():
    for dtype in DTYPES:
        add_input("a_" + dtype, made(dtype, (5, 6, 3)))
        add_input("x_" + dtype, made(dtype, 83))
    for dtype in FLOATS:
        gaps = made(dtype, (11, 37) if dtype != "float64" else (2, 121))
        gaps[rng.random(gaps.shape) < 0.2] = np.nan
        gaps[1, 5:30] = np.nan
        add_input("gaps_" + dtype, gaps)
    add_input("y_float64", rng.normal(0, 1, (3, 61)))
    add_input("late", np.concatenate([np.full(5, np.nan), rng.normal(0, 1, 20), np.full(1100, np.nan), [1, 2, 4]]))
    add_input("nothing", np.empty((3, 0)))
    add_input("one", np.array([[2.5]]))
    add_input("many", rng.normal(0, 1.6, (40, 50)))
    add_input("scalar", np.array(0.3))
    windows()
    ewms()
    filters()
    interps()
    write("window")


main()
