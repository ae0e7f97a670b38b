"""The Python side of bench_formats: the same files read by NumPy, pandas, polars, SciPy, h5py, netCDF4 and NCO, and a
table written.

bench_formats starts this as a child process and asks for one run at a time. A request is one line of five fields
separated by tabs:

    side  work  source  output  result

side is a key of SIDES; source is the file, or the directory of files; output is what a side writes. The sum of all
numbers read is saved to `result`, unless it is "-". The answer is one line, "ok<TAB>seconds" or "error<TAB>message".
End of input ends the process.
"""

import os
import platform
import subprocess
import sys
import time

import numpy as np


def make_hdf5(source, _output):
    """Not timed: two datasets of the same numbers, in chunks that are deflated, and in one piece."""
    import h5py

    x = np.random.default_rng(3).integers(0, 4096, (2000, 4000)).astype(np.float64)
    with h5py.File(source, "w") as f:
        f.create_dataset("chunked", data=x, chunks=(100, 400), compression="gzip", compression_opts=4, shuffle=True)
        f.create_dataset("contiguous", data=np.tile(x, (4, 1)))
    return 0


def numpy_npz(source, _output):
    with np.load(source) as f:
        return sum(f[name].sum() for name in f.files)


def numpy_savetxt(source, output):
    np.savetxt(output, np.load(source), delimiter=",")
    return np.load(source).sum()


def pandas_csv(source, _output):
    import pandas

    return pandas.read_csv(source, header=None, engine="c").to_numpy().sum()


def polars_csv(source, _output):
    import polars

    return polars.read_csv(source, has_header=False).to_numpy().sum()


def scipy_mtx(source, _output):
    import scipy.io

    return scipy.io.mmread(source).sum()


def h5py_of(name):
    def read(source, _output):
        import h5py

        with h5py.File(source, "r") as f:
            return f[name][...].sum()

    return read


def command(*words):
    """The ensemble mean by another command."""

    def run(source, output):
        import netCDF4

        files = sorted(os.path.join(source, name) for name in os.listdir(source))
        begin = time.perf_counter()
        subprocess.run([*words, *files, output], check=True, capture_output=True)
        seconds = time.perf_counter() - begin
        with netCDF4.Dataset(output) as f:
            f.set_auto_mask(False)
            (name,) = [v for v in f.variables if f[v].ndim == 2]
            total = f[name][...].astype(np.float64).sum()
        return total, seconds

    return run


SIDES = {
    "make_hdf5": make_hdf5,
    "np.load": numpy_npz,
    "np.savetxt": numpy_savetxt,
    "pandas": pandas_csv,
    "polars": polars_csv,
    "scipy.io.mmread": scipy_mtx,
    "h5py chunked": h5py_of("chunked"),
    "h5py contiguous": h5py_of("contiguous"),
    "nces": command("nces", "-O"),
    "cdo ensmean": command("cdo", "-s", "-O", "-P", "2", "ensmean"),
}


def run(line):
    side, _work, source, output, result = line.split("\t")
    begin = time.perf_counter()
    total = SIDES[side](source, output)
    seconds = time.perf_counter() - begin
    if isinstance(total, tuple):
        total, seconds = total
    if result != "-":
        np.save(result, np.float64(total))
    return seconds


def serve(threads):
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    print(versions(), flush=True)
    for line in sys.stdin:
        try:
            answer = f"ok\t{run(line.rstrip(chr(10))):.9f}"
        except Exception as problem:  # whatever goes wrong, bench_formats reports it
            answer = f"error\t{type(problem).__name__}: {problem}".replace("\n", " ")
        print(answer, flush=True)


def versions():
    from importlib import metadata

    packages = ("numpy", "pandas", "polars", "scipy", "h5py")
    return ", ".join([f"Python {platform.python_version()}"] + [f"{p} {metadata.version(p)}" for p in packages])


if __name__ == "__main__":
    if sys.argv[1:] == ["--versions"]:
        print(versions())
    elif len(sys.argv) == 2 and sys.argv[1].isdigit():
        serve(int(sys.argv[1]))
    else:
        sys.exit("usage: formats.py THREADS | formats.py --versions")
