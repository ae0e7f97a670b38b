"""The Python side of bench_language: numexpr and Numba on as many threads as asked for, NumPy on one.

Lines as in arrays.py; side is "numpy", "numexpr" or "numba", work "THREADS EXPRESSION" of the inputs x, y, z, for Numba
"THREADS NAME" of one of the functions below. numexpr and Numba write to an array made before; Numba has compiled by then.
"""

import functools
import math
import os
import sys

sys.dont_write_bytecode = True
if len(sys.argv) == 2 and sys.argv[1].isdigit():
    most = str(max(int(sys.argv[1]), os.cpu_count()))
    os.environ.update(NUMBA_NUM_THREADS=most, NUMEXPR_MAX_THREADS=most)

import numba  # noqa: E402
import numexpr  # noqa: E402
import numpy as np  # noqa: E402

from arrays import load, save, seconds_per_call, serve, versions  # noqa: E402


@numba.njit(parallel=True, fastmath=True)
def black_scholes(spot, strike, time, out):
    rate, sigma = 0.02, 0.3
    for i in numba.prange(out.size):
        width = sigma * math.sqrt(time[i])
        d = (math.log(spot[i] / strike[i]) + (rate + 0.5 * sigma * sigma) * time[i]) / width
        now = spot[i] * (1 + math.erf(d / math.sqrt(2)))
        out[i] = 0.5 * (now - strike[i] * math.exp(-rate * time[i]) * (1 + math.erf((d - width) / math.sqrt(2))))


def with_numpy(expression, inputs):
    call = functools.partial(eval(f"lambda x, y=None, z=None: ({expression})", {"np": np}), *inputs)
    return call, call()


def with_numexpr(expression, inputs):
    names = dict(zip("xyz", inputs))
    out = numexpr.evaluate(expression, names)
    return functools.partial(numexpr.evaluate, expression, names, out=out), out


def with_numba(name, inputs):
    out = np.empty_like(inputs[0])
    call = functools.partial(globals()[name], *inputs, out)
    call()
    return call, out


SIDES = {"numpy": with_numpy, "numexpr": with_numexpr, "numba": with_numba}


@functools.lru_cache(maxsize=1)
def prepared(side, text, source):
    return SIDES[side](text, [load(path) for path in source.split(",")])


def run(line):
    side, work, source, _output, result = line.split("\t")
    threads, text = work.split(" ", 1)
    numexpr.set_num_threads(int(threads))
    numba.set_num_threads(int(threads))
    call, value = prepared(side, text, source)
    if result != "-":
        call()
        save(result, value)
    return seconds_per_call(call)


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].isdigit():
        np.seterr(all="ignore")
        serve(run, f"{versions()}, numexpr {numexpr.__version__}, numba {numba.__version__}")
    else:
        sys.exit("usage: language.py THREADS")
