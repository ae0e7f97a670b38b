#!/usr/bin/env python3
"""Writes divide_golden.h or complex_golden.h: what NumPy answers at special values, as C tables.

Usage: make_elementwise_golden.py divide > divide_golden.h
       make_elementwise_golden.py complex > complex_golden.h   (NumPy 2)

divide: every pair of `reals`, the first running slower. complex: functions at every number with its parts in `parts`,
the real one running slower; products and quotients of every pair of `numbers`.
"""
import sys
import numpy as np

INF, NAN = np.inf, np.nan
REALS = [0.0, -0.0, 1, -1, 3, -7.5, 1e-20, -5e-324, 1e300, -1.7976931348623157e308, INF, -INF, NAN]
PARTS = [0.0, -0.0, -1, 2, 0.25, INF, -INF, NAN]
NUMBERS = [complex(re, im) for re in (0.0, -0.0, 2, -INF, NAN) for im in (0.0, -3, INF)]
UNARY = ("sign reciprocal sqrt exp2 log2 log10 tan arcsin arccos arctan sinh cosh arcsinh arccosh arctanh isnan isinf isfinite "
         "nan_to_num angle rint").split()


def literal(value):
    value = float(value)
    if np.isnan(value):
        return "NAN"
    if np.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    return repr(value)


def table(name, values):
    values = np.asarray(values)
    if np.iscomplexobj(values):
        values = values.view(np.float64)
    line = f"static const double {name}[] = {{"
    for k, value in enumerate(values):
        word = literal(value) + ("};" if k + 1 == len(values) else ",")
        if len(line) + len(word) + 1 > 118:
            print(line)
            line = "   "
        line += (" " if not line.endswith("{") else "") + word
    print(line)


np.seterr(all="ignore")
print(f"/* Written by make_elementwise_golden.py with NumPy {np.__version__}. */")
if sys.argv[1] == "divide":
    table("reals", REALS)
    x, y = np.repeat(REALS, len(REALS)), np.tile(REALS, len(REALS))
    for f in ("floor_divide", "mod", "fmod"):
        table("numpy_" + f, getattr(np, f)(x, y))
else:
    z = np.array([complex(re, im) for re in PARTS for im in PARTS])
    table("arguments", z)
    for f in UNARY:
        table("numpy_" + f, getattr(np, f)(z))
    table("numbers", np.array(NUMBERS))
    x, y = np.repeat(NUMBERS, len(NUMBERS)), np.tile(NUMBERS, len(NUMBERS))
    for f in "multiply divide equal not_equal less less_equal greater greater_equal minimum maximum".split():
        table("numpy_" + f, getattr(np, f)(x, y))
