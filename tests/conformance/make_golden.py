#!/usr/bin/env python3
"""Expected values for the conformance tests, from NumPy 2, SciPy's definitions and mpmath (all from PyPI; see
golden_functions.py). Two runs give the same files.
"""
import itertools
import warnings
import numpy as np
from golden_functions import *
from golden_writing import *

rng = np.random.default_rng(20261123)


# ---- inputs ----

def make(dtype, shape, low=-9, high=9):
    if dtype == "bool":
        return rng.random(shape) < 0.5
    if dtype in INTS:
        return rng.integers(0 if dtype[0] == "u" else low, high, shape).astype(dtype)
    x = rng.normal(0, 2.5, shape)
    if dtype in COMPLEX:
        x = x + 1j * rng.normal(0, 2.5, shape)
    return x.astype(dtype)


def whole_numbers(dtype, shape):
    """Few, so that some are equal."""
    x = rng.integers(0 if dtype[0] in "bu" else -2, 2, shape)
    return (x + 1j * rng.integers(-1, 2, shape) if dtype in COMPLEX else x).astype(dtype)


def with_nans(x, places):
    x = x.copy()
    for place in places:
        x[place] = np.nan
    if x.dtype.kind == "c":  # in either part
        x[0, 0, 1] = complex(1.5, np.nan)
        x[1, 1, 3] = complex(np.nan, -2)
    return x


def edges(dtype):
    """What is special of a dtype: its ends, zeros, halves, infinities."""
    if dtype in INTS:
        info = np.iinfo(dtype)
        return np.array([info.min, info.min + 1, 0, 1, 2, 3, 7, 8, info.bits - 1, info.bits, info.max]
                        + ([-1, -2, -7] if info.min < 0 else [info.max - 1, 100, 120])).astype(dtype)
    if dtype in COMPLEX:
        parts = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.5]
        return np.array([complex(a, b) for a, b in itertools.product(parts, parts)], dtype)
    info = np.finfo(dtype)
    return np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.5, -2.5, 3.0, -7.0, info.max,
                     -info.max, info.tiny, info.smallest_subnormal, -info.smallest_subnormal, 1e-4], dtype)


def all_inputs():
    for d in DTYPES:
        add_input(f"a_{d}", make(d, (3, 2, 5)))
        add_input(f"b_{d}", make(d, (2, 1)))
        for k in "stu":
            add_input(f"{k}_{d}", make(d, (5,)))
        add_input(f"m_{d}", make(d, (5, 2)))
        add_input(f"e_{d}", make(d, (5,), low=0, high=7))
        add_input(f"scalar_{d}", make(d, ()))
        add_input(f"v_{d}", whole_numbers(d, (12,)))
        add_input(f"w_{d}", whole_numbers(d, (12,)))
        add_input(f"hollow_{d}", np.zeros((2, 0, 3), d))
        if d in INTS + FLOATS:
            x = edges(d)
            add_input(f"edge_{d}", x)
            add_input(f"edges_{d}", x[:, None])
    for d in FLOATS + COMPLEX:
        add_input(f"nans_{d}", with_nans(make(d, (3, 2, 5)), [(0, 1, 2), (1, 0), (2, slice(None), 3)]))
        add_input(f"gaps_{d}", with_nans(make(d, (3, 2, 5)), [(0, 1, 2), (1, 0, 0), (2, 1, 4), (2, 0, 1)]))
        unit = make(d, (16,)) / 9
        add_input(f"unit_{d}", unit)
        add_input(f"half_{d}", np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49, -0.49, 3.5, 8388607.5, -4503.5], d)
                  if d != "float16" else np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 1023.5], d))
        add_input(f"same_{d}", np.full((2, 15), 0.1, d))
    for d in COMPLEX:
        add_input(f"edge_{d}", edges(d))
        pairs = [complex(a, b) for a, b in itertools.product([0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 1e-9, 20.0], repeat=2)]
        add_input(f"cuts_{d}", np.array(pairs, d))
    for d in FLOATS:
        info = np.finfo(d)
        odd = [[np.nan, 1.5, -np.inf, np.inf, 0.0, -0.0], [1.0, -0.0, 0.0, np.inf, -1.0, info.smallest_subnormal],
               [-0.0, 0.0, 2.5, info.max, info.smallest_subnormal, -1e-20], [3.0, -3.0, 0.5, -np.inf, 1e-8, info.tiny]]
        add_input(f"odd_{d}", np.array(odd, d))
        add_input(f"turned_{d}", np.array(odd[::-1], d)[:, ::-1])
        top = {"float16": 11.0, "float32": 86.0, "float64": 705.0}[d]
        huge = np.concatenate([rng.uniform(-top, top, 24), 10.0 ** rng.uniform(-12, 12, 23),
                               -(10.0 ** rng.uniform(-9, 9, 10))])
        add_input(f"huge_{d}", huge.astype(d))
        wide_range = np.concatenate([info.max * np.array([1, 0.75, 0.5]), make("float64", 12) * 1e3, [info.tiny, 1e-4],
                                     -info.max * np.array([1, 0.75, 0.5])])
        add_input(f"cancel_{d}", rng.permutation(wide_range).astype(d))
    for d in ("int32", "float32", "float64"):
        weights = rng.integers(1, 6, 30) if d == "int32" else rng.random(30)
        for name, shape in (("a", (3, 2, 5)), ("b", (2, 1)), ("s", (5,)), ("p", (3,)), ("q", (2,))):
            add_input(f"weights_{name}_{d}", weights[:np.prod(shape)].reshape(shape).astype(d))
    add_input("broad", make("float64", (2, 1, 2, 2)))
    add_input("square", make("float64", (4, 4)))
    add_input("weights_square", rng.random(4))
    add_input("empty", np.zeros((0, 3)))


# ---- cases ----

def takes(kinds, name, x, default="biufc"):
    return x.dtype.kind in kinds.get(name, default)


def unary_cases():
    for name, f in UNARY.items():
        for d in DTYPES:
            families = ["a"]
            if d in FLOATS:
                families += ["unit", "odd", "half"] + (["huge"] if d != "float16" else [])
            if d in COMPLEX:
                families += ["unit", "edge", "cuts"]
            if d in INTS and name in ("neg abs square relu sign floor round conj bitwise_not real imag isnan "
                                      "reciprocal logical_not nan_to_num angle").split():
                families += ["edge"]
            for family in families:
                x = inputs[f"{family}_{d}"]
                if takes(UNARY_KINDS, name, x):
                    case(name, [f"{family}_{d}"], [f(x)])
                    if d in ("float32", "float64") and (name in FAST or family == "a"):
                        case(name, [f"{family}_{d}"], [f(x)], fast=True)
        for d in ("uint8", "float64"):
            for family in ("scalar", "hollow"):
                if takes(UNARY_KINDS, name, inputs[f"a_{d}"]):
                    case(name, [f"{family}_{d}"], [f(inputs[f"{family}_{d}"])])


def cast_cases():
    for name, f in CASTS.items():
        for given, x in list(inputs.items()):
            if given.startswith(("a_", "edge_", "huge_", "cuts_", "half_", "hollow_", "scalar_")):
                case(name, [given], [f(x)])


def binary_case(name, a, b):
    x, y = inputs[a], inputs[b]
    dtype = np.result_type(x, y)
    if dtype.kind not in BINARY_KINDS.get(name, "biufc") or (name == "pow" and dtype.kind == "i" and (y < 0).any()):
        return
    case(name, [a, b], [BINARY[name](x, y)])


def binary_cases():
    for name in BINARY:
        for d in DTYPES:
            second = "e" if name in ("pow", "left_shift", "right_shift") else "b"
            binary_case(name, f"a_{d}", f"{second}_{d}")
            binary_case(name, f"v_{d}", f"w_{d}")
            if d in INTS + FLOATS:
                binary_case(name, f"edge_{d}", f"edges_{d}")
            if d in FLOATS:
                binary_case(name, f"odd_{d}", f"turned_{d}")
            if d in ("uint8", "float64", "complex64"):
                binary_case(name, f"s_{d}", f"scalar_{d}")
                binary_case(name, f"hollow_{d}", f"scalar_{d}")
        if name in COMPARISONS + ["minimum", "add", "logical_and"]:
            for d in COMPLEX:
                binary_case(name, f"edge_{d}", f"scalar_{d}")
    for name, d1, d2 in itertools.product(("add", "div", "less", "equal", "logical_or", "bitwise_and", "mod", "hypot"),
                                          DTYPES, DTYPES):
        if d1 != d2 and (name in ("add", "div", "less", "equal") or DTYPES.index(d1) % 3 == DTYPES.index(d2) % 3):
            first, second = ("v", "w") if name in ("less", "equal", "mod") else ("s", "t")
            binary_case(name, f"{first}_{d1}", f"{second}_{d2}")


def ternary_case(name, *names):
    f = where if name == "where" else clip
    case(name, names, [f(*(inputs[n] for n in names))])


def ternary_cases():
    for d in DTYPES:
        ternary_case("where", f"v_{d}", f"v_{d}", f"w_{d}")
        ternary_case("where", "b_bool", f"a_{d}", f"s_{d}")
        ternary_case("where", f"a_{d}", f"b_{d}", f"scalar_{d}")
        ternary_case("where", f"hollow_{d}", f"scalar_{d}", f"scalar_{d}")
        if d in FLOATS + COMPLEX:
            ternary_case("where", f"edge_{d}", f"edge_{d}", f"scalar_{d}")
            ternary_case("where", f"nans_{d}", f"a_{d}", f"nans_{d}")
        for d2 in DTYPES:
            if d != d2:
                ternary_case("where", f"e_{d2}", f"s_{d}", f"t_{d2}")
        if d in INTS + FLOATS:
            ternary_case("clip", f"a_{d}", f"b_{d}", f"s_{d}")
            ternary_case("clip", f"b_{d}", f"scalar_{d}", f"a_{d}")
            ternary_case("clip", f"edge_{d}", f"edges_{d}", f"scalar_{d}")
            ternary_case("clip", f"edge_{d}", f"scalar_{d}", f"edges_{d}")
            ternary_case("clip", f"hollow_{d}", f"scalar_{d}", f"scalar_{d}")
    for d1, d2, d3 in (("int8", "float32", "uint8"), ("float16", "int8", "int8"), ("int64", "uint64", "int64"),
                       ("bool", "int16", "uint8"), ("float64", "float32", "float16")):
        ternary_case("clip", f"s_{d1}", f"t_{d2}", f"u_{d3}")


AXES = [((), False, 0), ((1,), True, 1), ((-1,), False, 0), ((2, 0), False, 0)]


def reduction_case(name, given, axes=(), keepdims=False, ddof=0):
    x = inputs[given]
    if not takes(REDUCTION_KINDS, name, x) or ("arg" in name and len(axes) > 1):
        return
    axis = None if not axes else axes[0] if len(axes) == 1 else axes
    try:
        outs, scale = reduction(name, x, axis, keepdims, ddof)
    except ValueError:  # nothing to choose from
        return
    case(name, [given], outs, axes, keepdims, ddof, scale=scale)


def reduction_cases():
    for name, d in itertools.product(REDUCTIONS, DTYPES):
        for axes, keepdims, ddof in AXES:
            reduction_case(name, f"a_{d}", axes, keepdims, ddof)
        reduction_case(name, f"scalar_{d}")
        if d in FLOATS + COMPLEX:
            for given, axes in itertools.product(("nans", "gaps"), [(), (0,), (1,), (-1,)]):
                if given == "gaps" or name.startswith("nan"):
                    reduction_case(name, f"{given}_{d}", axes, False, 1 if axes == (0,) else 0)
        if d in FLOATS:
            reduction_case(name, f"odd_{d}", (0,))
            if name not in ("skew", "kurtosis", "prod"):
                reduction_case(name, f"odd_{d}", (1,))
        if d in INTS and name in ("sum min max ptp argmin argmax prod fsum nansum nanmin nanargmax any all "
                                  "count_nonzero stats").split():
            reduction_case(name, f"edge_{d}")
    for name in REDUCTIONS:
        for axes in ((), (0,), (1,)):
            if name not in ("min", "max", "ptp", "argmin", "argmax", "stats", "nanmin", "nanmax", "nanargmin",
                            "nanargmax") or axes == (1,):
                reduction_case(name, "empty", axes)
    for d in ("float32", "float64"):
        reduction_case("fsum", f"cancel_{d}")
        for name in ("var", "std", "skew", "kurtosis", "ptp"):
            reduction_case(name, f"same_{d}")
            reduction_case(name, f"same_{d}", (1,))
        for name in ("norm", "rms", "logsumexp"):
            reduction_case(name, f"huge_{d}")
            reduction_case(name, f"cancel_{d}")


def weights_case(name, x, w, axes=(), keepdims=False, ddof=0):
    axis = None if not axes else axes[0] if len(axes) == 1 else axes
    outs, scale = weighted(name, inputs[x], inputs[w], axis, keepdims, ddof)
    case(name, [x], outs, axes, keepdims, ddof, weights=w, scale=scale)


def weights_cases():
    for name, d in itertools.product(("mean", "var", "std"), DTYPES):
        for w in ("int32", "float32", "float64"):
            ddof = 1 if name != "mean" and w == "int32" else 0
            weights_case(name, f"a_{d}", f"weights_a_{w}", ddof=ddof)
            weights_case(name, f"a_{d}", f"weights_b_{w}", (1,), True)
            weights_case(name, f"a_{d}", f"weights_s_{w}", (-1,), ddof=ddof)
            weights_case(name, f"a_{d}", f"weights_p_{w}", (0,))
            weights_case(name, f"a_{d}", f"weights_q_{w}", (1,), ddof=ddof)
            weights_case(name, f"a_{d}", f"weights_s_{w}", (2, 0))
        if d in FLOATS + COMPLEX:
            weights_case(name, f"gaps_{d}", "weights_a_float64", (0,))
        for axes in ((0,), (1,)):
            weights_case(name, "square", "weights_square", axes)


def pair_cases():
    for d in DTYPES:
        for a, b, axes, keepdims in (("s", "t", (), False), ("s", "t", (0,), True), ("a", "s", (), False),
                                     ("a", "b", (0,), False), ("a", "b", (2,), True), ("b", "a", (-2,), False),
                                     ("a", "a", (1,), False), ("scalar", "scalar", (), False),
                                     ("scalar", "s", (), False), ("hollow", "scalar", (1,), False)):
            names = [f"{a}_{d}", f"{b}_{d}"]
            outs, scale = dot(inputs[names[0]], inputs[names[1]], axes[0] if axes else -1, keepdims)
            case("dot", names, outs, axes, keepdims, scale=scale)
        d2 = DTYPES[(DTYPES.index(d) + 5) % len(DTYPES)]
        outs, scale = dot(inputs[f"a_{d}"], inputs[f"s_{d2}"], -1, False)
        case("dot", [f"a_{d}", f"s_{d2}"], outs, scale=scale)
        if d in FLOATS:
            outs, scale = dot(inputs[f"odd_{d}"], inputs[f"turned_{d}"], 0, False)
            case("dot", [f"odd_{d}", f"turned_{d}"], outs, (0,), scale=scale)
    for d in DTYPES:
        for a, b in (("a", "m"), ("a", "s"), ("t", "m"), ("s", "t")):
            matmul_case(f"{a}_{d}", f"{b}_{d}")
    for a, b in (("a_int8", "m_float32"), ("a_float64", "m_complex64"), ("broad", "a_float64")):
        matmul_case(a, b)


def matmul_case(a, b):
    outs, scale = matmul(inputs[a], inputs[b])
    case("matmul", [a, b], outs, scale=scale)


def axis_cases():
    for d in DTYPES:
        families = ["a"] + (["gaps", "odd"] if d in FLOATS else ["gaps"] if d in COMPLEX else ["edge"] if d in INTS else [])
        for family, axis in itertools.product(families, (None, 0, 1, -1)):
            given, axes = f"{family}_{d}", () if axis is None else (axis,)
            x = inputs[given]
            if axes and axis >= x.ndim:
                continue
            last = -1 if axis is None else axis
            if family == "a" or axis is None:
                case("sort", [given], [np.sort(widen16(x), axis=last)], axes)
            for name in SCANS:
                if x.dtype.kind != "c" or name in ("cumsum", "cumprod"):
                    outs, scale = scan(name, x, axis)
                    case(name, [given], outs, axes, scale=scale)
            if family == "a" and x.dtype.kind != "c":
                outs, scale = rfft(x, last)
                case("rfft", [given], outs, axes, scale=scale)
            for order in (0, 1, 2, 3, 7):
                if d != "bool" and (order or family == "a"):
                    case("diff", [given], [diff(x, last, order or 1)], axes, order=order)
            for h in (0, 0.5, -3):
                if h == 0 or family == "a":
                    outs, scale = gradient(x, last, h or 1)
                    case("gradient", [given], outs, axes, spacing=h, scale=scale)
                    keepdims = axis == 1
                    outs, scale = trapz(x, last, keepdims, h or 1)
                    case("trapz", [given], outs, axes, keepdims, spacing=h, scale=scale)
        for name in SCANS:
            if d not in COMPLEX or name in ("cumsum", "cumprod"):
                for family in ("scalar", "hollow"):
                    outs, scale = scan(name, inputs[f"{family}_{d}"], None)
                    case(name, [f"{family}_{d}"], outs, scale=scale)
    for axis in (0, 1, 2):
        x = inputs["hollow_float64"]
        case("diff", ["hollow_float64"], [diff(x, axis, 1)], (axis,))
        outs, scale = trapz(x, axis, False, 1)
        case("trapz", ["hollow_float64"], outs, (axis,), scale=scale)
    outs, scale = trapz(inputs["b_float64"], 1, False, 1)
    case("trapz", ["b_float64"], outs, (1,), scale=scale)


def main():
    warnings.simplefilter("ignore")  # of empty slices, and lost imaginary parts
    with np.errstate(all="ignore"):
        for make_some in (all_inputs, unary_cases, binary_cases, ternary_cases, reduction_cases, weights_cases,
                          pair_cases, axis_cases, cast_cases):
            make_some()
    write("golden")


main()
