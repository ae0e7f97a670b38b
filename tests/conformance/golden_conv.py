"""Writes golden/conv.txt and golden/conv.dat: convolutions, correlations and stencils by NumPy and SciPy, in a wider
type than the result's where they know one. Integers are exact modulo 2^bits."""
import numpy as np
from scipy import ndimage, signal
from golden_writing import add_input, case, write

rng = np.random.default_rng(20261126)
REALS = ["float16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
WIDE = {"f": "longdouble", "c": "clongdouble"}
EDGES = ["reflect", "constant", "nearest", "mirror", "wrap"]


def numbers(shape, dtype):
    kind = np.dtype(dtype).kind
    if kind == "b":
        return rng.integers(0, 3, shape) == 0
    if kind in "iu":
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    x = rng.standard_normal(shape) * 2.0 ** rng.integers(-3, 4, shape)
    return (x + 1j * rng.standard_normal(shape) if kind == "c" else x).astype(dtype)


def result_dtype(x, y):
    dtype = np.result_type(x, y)
    return np.dtype("float32") if dtype == np.float16 else dtype


def wide(x, y):
    dtype = result_dtype(x, y)
    to = WIDE.get(dtype.kind, object if dtype.kind in "iu" else dtype)
    return x.astype(to), y.astype(to), dtype


def narrow(z, dtype):
    if dtype.kind in "iu" and z.dtype == object:
        bits = dtype.itemsize * 8
        return np.array([int(v) % 2**bits for v in z.ravel()], f"uint{bits}").astype(dtype).reshape(z.shape)
    return z.astype(dtype)


def sizes(x, y):
    kind = np.result_type(x, y).kind
    return (np.abs(x).astype(float), np.abs(y).astype(float)) if kind in "fc" else None


def along(f, x, y, axis):
    """f of vectors, with x's along an axis."""
    moved = np.moveaxis(x, axis, -1)
    rows = [f(row, y) for row in moved.reshape(-1, moved.shape[-1])]
    return np.moveaxis(np.reshape(rows, moved.shape[:-1] + (-1,)), -1, axis)


def flat(function, a, b, mode, axis=None):
    x, y = arrays[a], arrays[b]
    f = {"convolve": np.convolve, "correlate": np.correlate}[function]
    p, q, dtype = wide(x, y)
    z = narrow(along(lambda r, v: f(r, v, mode), p, q, -1 if axis is None else axis), dtype)
    s = sizes(x, y)
    scale = None if s is None else along(lambda r, v: f(r, v, mode), *s, -1 if axis is None else axis)
    default = {"convolve": "full", "correlate": "valid"}[function]
    case(function, [a, b], [z], axes=() if axis is None else (axis,), scale=scale,
         **({} if mode == default else {"mode": mode}))


def two(function, a, b, mode):
    """SciPy's integers are exact modulo 2^bits; it has no bool."""
    x, y = arrays[a], arrays[b]
    f = {"convolve2d": signal.convolve2d, "correlate2d": signal.correlate2d}[function]
    p, q, dtype = wide(x, y)
    if dtype.kind in "biu":
        p, q = (v.astype("int64" if dtype.kind == "b" else dtype) for v in (x, y))
    images = lambda u, v: np.array([f(image, v, mode) for image in u.reshape(-1, *u.shape[-2:])])
    z = images(p, q)
    z = narrow(z.reshape(x.shape[:-2] + z.shape[1:]), dtype)
    s = sizes(x, y)
    scale = None if s is None else images(*s).reshape(z.shape)
    case(function, [a, b], [z], scale=scale, **({} if mode == "full" else {"mode": mode}))


def stencil(a, b, mode, value=0, axes=None):
    """Integers small enough for SciPy's doubles."""
    x, y = arrays[a], arrays[b]
    dtype = result_dtype(x, y)
    lies = tuple(range(-y.ndim, 0)) if axes is None else axes
    double = lambda u: u.astype("complex128" if u.dtype.kind == "c" else "float64")
    z = ndimage.correlate(double(x), double(y), mode=mode, cval=value, axes=lies)
    z = z != 0 if dtype.kind == "b" else np.rint(z).astype("int64").astype(dtype) if dtype.kind in "iu" else z.astype(dtype)
    s = sizes(x, y)
    scale = None if s is None else ndimage.correlate(*s, mode=mode, cval=abs(value), axes=lies)
    case("stencil", [a, b], [z], axes=() if axes is None else axes, scale=scale,
         **({} if mode == "reflect" else {"mode": mode}), **({"value": value} if value else {}))


arrays = {}


def given(name, a):
    arrays[name] = a
    add_input(name, a)
    return name


x64, y64 = given("x64", numbers(61, "float64")), given("y64", numbers(7, "float64"))
for dtype in ["bool", *INTEGERS, *REALS, *COMPLEX]:
    a, b = given(f"a_{dtype}", numbers(23, dtype)), given(f"b_{dtype}", numbers(4, dtype))
    m, k = given(f"m_{dtype}", numbers((6, 9), dtype)), given(f"k_{dtype}", numbers((3, 2), dtype))
    for mode in ["full", "same", "valid"]:
        for function in ["convolve", "correlate"]:
            flat(function, a, b, mode)
            flat(function, b, a, mode)
        for function in ["convolve2d", "correlate2d"]:
            two(function, m, k, mode)
            if mode != "valid" or not dtype.startswith("complex"):  # SciPy forgets to conjugate
                two(function, k, m, mode)

lengths = [1, 2, 5, 8, 70]
for n in lengths:
    given(f"n{n}", numbers(n, "float64"))
for n in lengths:
    for m in lengths:
        for mode in ["full", "same", "valid"]:
            flat("convolve", f"n{n}", f"n{m}", mode)
            flat("correlate", f"n{n}", f"n{m}", mode)

given("cube", numbers((3, 8, 5), "float32"))
given("taps3", numbers(3, "float32"))
given("taps9", numbers(9, "float64"))
for axis in [0, 1, 2, -1, -2]:
    for mode in ["full", "same", "valid"]:
        flat("convolve", "cube", "taps3", mode, axis)
        flat("correlate", "cube", "taps9", mode, axis)
given("taps22", numbers((2, 2), "float64"))
for function in ["convolve2d", "correlate2d"]:
    for mode in ["full", "same", "valid"]:
        two(function, "cube", "taps22", mode)
flat("convolve", "a_int8", "b_uint8", "full")
flat("convolve", "a_int32", "b_float32", "same")
flat("correlate", "a_complex64", "b_float64", "full")
flat("correlate", "a_float32", "b_complex64", "full")
two("correlate2d", "m_float64", "k_complex64", "same")

special = given("special", np.array([1, np.nan, 2, -0.0, np.inf, 3, -np.inf, 4, 5, 6.0]))
flat("convolve", special, "n1", "full")
given("inf3", np.array([1, np.inf, -2.0]))
for mode in ["full", "same", "valid"]:
    flat("convolve", "n8", "inf3", mode)
    flat("correlate", "n8", "inf3", mode)

for dtype in ["bool", "int8", "uint8", "int32", "int64", "uint64", "float16", "float32", "float64", "complex64",
              "complex128"]:
    x = numbers((7, 10), dtype) if np.dtype(dtype).kind not in "iu" else rng.integers(0, 5, (7, 10)).astype(dtype)
    w = numbers((3, 3), dtype) if np.dtype(dtype).kind not in "iu" else rng.integers(0, 3, (3, 3)).astype(dtype)
    given(f"s_{dtype}", x)
    given(f"w_{dtype}", w)
    for mode in EDGES:
        stencil(f"s_{dtype}", f"w_{dtype}", mode, 0 if dtype == "bool" else 3 if mode == "constant" else 0)
for shape in [(1,), (2,), (3,), (4,), (1, 1), (2, 3), (4, 1), (5, 4), (9, 11)]:
    name = given("g" + "x".join(map(str, shape)), numbers(shape, "float64"))
    for mode in EDGES:
        for x in ["n5", "n70"] if len(shape) == 1 else ["m_float64", "k_float64"]:
            stencil(x, name, mode, 2.5 if mode == "constant" else 0)
given("single", numbers((1, 1), "float64"))
given("volume", numbers((5, 6, 7), "float64"))
given("g3x2x3", numbers((3, 2, 3), "float64"))
for mode in EDGES:
    stencil("single", "g5x4", mode, 1.5 if mode == "constant" else 0)
    stencil("n1", "g4", mode)
    stencil("volume", "g3x2x3", mode, 1.5 if mode == "constant" else 0)
    stencil("volume", "g2x3", mode, axes=(0, 1))
    stencil("volume", "g2x3", mode, axes=(0, 2))
    stencil("cube", "g4", mode, axes=(0,))
    stencil("cube", "g3", mode, axes=(-2,))
    stencil("cube", "g2x3", mode)
write("conv")
