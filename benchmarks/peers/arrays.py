"""The Python side of the benchmarks of single functions: NumPy on one thread, writing to a given array where it can.

Requests and answers are lines as in map.py: side, work, source, output, result. side is "numpy"; work "NAME AXIS" (AXIS
"-": none given), "= EXPRESSION" of the inputs x, y, z, or "has NAME", answered by 1 or 0; source is the inputs' .npy files, separated by commas. The first
result is saved to `result` unless that is "-". The answer is the seconds of one call, repeated until there is enough to
time.
"""

import functools
import itertools
import os
import platform
import sys
import time

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")

import numpy as np  # noqa: E402

try:
    import pandas as pd
    import scipy
    from scipy import ndimage, signal
except ImportError:
    pd = scipy = ndimage = signal = None

LEAST = 2e-4  # as TIMED_LEAST

# Where the catalogue's name is not NumPy's, or means something else there. None: NumPy has no such function.
OTHER = {
    "neg": np.negative, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "round": np.rint,
    "bitwise_not": np.invert, "conj": np.conjugate, "trapz": np.trapezoid, "norm": np.linalg.norm, "dot": np.vecdot,
    "cummin": np.minimum.accumulate, "cummax": np.maximum.accumulate, "rfft": np.fft.rfft,
    "argsort": None, "partition": None, "argpartition": None,  # leave an order to chance: bench_order
    "real": None, "imag": None, "gamma": None,  # views of the input; a random number there
}  # fmt: skip
WITH_OUT = {"cumsum", "cumprod", "cummin", "cummax", "clip", "rfft", "dot"}


def function(name):
    f = OTHER[name] if name in OTHER else getattr(np, name, None)
    return f if callable(f) else None


@functools.lru_cache(maxsize=3)
def load(path):
    return np.load(path)


def prepare(name, axis, inputs):
    """A call without arguments that does the work again, and its first result."""
    f = function(name)
    options = {} if axis == "-" else {"axis": int(axis)}
    result = f(*inputs, **options)
    if isinstance(result, np.ndarray) and (isinstance(f, np.ufunc) or name in WITH_OUT):
        options["out"] = result
    if isinstance(f, type):  # a dtype: a cast, maybe to what it is
        result = result.copy()
        f, inputs, options = np.copyto, [result, *inputs], {"casting": "unsafe"}
    return functools.partial(f, *inputs, **options), result


def seconds_per_call(call):
    calls = 1
    while True:
        begin = time.perf_counter()
        for _ in itertools.repeat(None, calls):
            call()
        taken = time.perf_counter() - begin
        if taken >= LEAST:
            return taken / calls
        calls = int(calls * (1.3 * LEAST / taken if taken > LEAST / 20 else 16)) + 1


@functools.lru_cache(maxsize=1)
def prepared(work, source):
    inputs = [load(path) for path in source.split(",")]
    if work.startswith("= "):
        call = eval("lambda x, y=None, z=None: " + work[2:], {"np": np, "pd": pd, "ndimage": ndimage, "signal": signal})
        call = functools.partial(call, *inputs)
        return call, call()
    name, axis = work.split(" ")
    return prepare(name, axis, inputs)


def save(path, value):
    """Of a tuple the first to NAME.npy, the others to NAME_1.npy and so on."""
    for k, array in enumerate(value if isinstance(value, tuple) else (value,)):
        np.save(path.replace(".npy", f"_{k}.npy") if k else path, array)


def run(line):
    _side, work, source, _output, result = line.split("\t")
    if work.startswith("has "):
        return 1.0 if function(work[4:]) else 0.0
    call, value = prepared(work, source)
    if result != "-":
        save(result, value)
    return seconds_per_call(call)


def versions():
    more = f", scipy {scipy.__version__}, pandas {pd.__version__}" if scipy else ""
    return f"Python {platform.python_version()}, numpy {np.__version__}{more}"


def serve(run, versions):
    print(versions, flush=True)
    for line in sys.stdin:
        try:
            answer = f"ok\t{run(line.rstrip(chr(10))):.12f}"
        except Exception as problem:  # whatever goes wrong, the benchmark reports it
            answer = f"error\t{type(problem).__name__}: {problem}".replace("\n", " ")
        print(answer, flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].isdigit():
        np.seterr(all="ignore")
        serve(run, versions())
    else:
        sys.exit("usage: arrays.py THREADS")
