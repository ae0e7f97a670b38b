"""The Python side of bench_map: the same work by multiprocessing.Pool().map, by a plain loop, and more.

bench_map starts this as a child process and asks for one run at a time, so that both sides take turns. A request
is one line of five fields separated by tabs:

    side  work  source  output  result

side is a key of SIDES, work of WORK; source is a stacked .npy (an item per row) or a directory of .npy files; output
is the directory for work that writes files; the results are saved to `result`, stacked, unless it is "-". The answer
is one line, "ok<TAB>seconds" or "error<TAB>message". End of input ends the process.
"""

import functools
import multiprocessing
import multiprocessing.pool
import os
import platform
import shutil
import sys
import time

import numpy as np


def stats(x):
    return (x.size, x.mean(), x.std(), x.min(), x.max())


def heavy(x):
    return np.sqrt(np.exp(-x * x) + np.log1p(np.abs(x)))


def sort(x):
    return np.sort(x)


def rfft(x):
    return np.fft.rfft(x)


def matmul(x):
    return x @ x


def stats_of_file(path):
    return stats(np.load(path, mmap_mode="r"))


def sqrt_to_file(path, output):
    np.save(os.path.join(output, os.path.basename(path)), np.sqrt(np.load(path, mmap_mode="r")))


MEMORY_WORK = {"stats": stats, "heavy": heavy, "sort": sort, "rfft": rfft, "matmul": matmul}
FILE_WORK = {"stats_of_file": stats_of_file, "sqrt_to_file": sqrt_to_file}
WORK = {**MEMORY_WORK, **FILE_WORK}


def in_pool(pool, _threads, calculate, items):
    return pool.map(calculate, items)


def in_new_pool(_pool, threads, calculate, items):
    with multiprocessing.Pool(processes=threads) as pool:
        return pool.map(calculate, items)


def in_series(_pool, _threads, calculate, items):
    return [calculate(x) for x in items]


def in_threads(_pool, threads, calculate, items):
    with multiprocessing.pool.ThreadPool(threads) as pool:
        return pool.map(calculate, items)


def in_joblib(_pool, threads, calculate, items):
    import joblib

    return joblib.Parallel(n_jobs=threads)(joblib.delayed(calculate)(x) for x in items)


SIDES = {
    "pool": in_pool,
    "new_pool": in_new_pool,
    "serial": in_series,
    "threads": in_threads,
    "joblib": in_joblib,
}


@functools.lru_cache(maxsize=1)
def load_items(source):
    if os.path.isdir(source):
        return [os.path.join(source, name) for name in sorted(os.listdir(source))]
    return [np.array(x) for x in np.load(source, mmap_mode="r")]


def run(pool, threads, line):
    side, work, source, output, result = line.split("\t")
    items = load_items(source)
    calculate = WORK[work]
    if work == "sqrt_to_file":
        shutil.rmtree(output, ignore_errors=True)
        os.makedirs(output)
        calculate = functools.partial(calculate, output=output)
    begin = time.perf_counter()
    results = SIDES[side](pool, threads, calculate, items)
    seconds = time.perf_counter() - begin
    if result != "-":
        np.save(result, np.stack([np.asarray(r) for r in results]))
    return seconds


def serve(threads):
    # Made before any input is loaded, and used once: a user's pool in steady state.
    with multiprocessing.Pool(processes=threads) as pool:
        pool.map(heavy, [np.ones(8)] * (16 * threads))
        print(versions(), flush=True)
        for line in sys.stdin:
            try:
                answer = f"ok\t{run(pool, threads, line.rstrip(chr(10))):.9f}"
            except Exception as problem:  # whatever goes wrong, bench_map reports it
                answer = f"error\t{type(problem).__name__}: {problem}".replace("\n", " ")
            print(answer, flush=True)


def versions():
    from importlib import metadata

    packages = ("numpy", "numexpr", "numba", "joblib")
    return ", ".join([f"Python {platform.python_version()}"] + [f"{p} {metadata.version(p)}" for p in packages])


if __name__ == "__main__":
    if sys.argv[1:] == ["--versions"]:
        print(versions())
    elif len(sys.argv) == 2 and sys.argv[1].isdigit():
        serve(int(sys.argv[1]))
    else:
        sys.exit("usage: map.py THREADS | map.py --versions")
