#!/usr/bin/python3
"""Expected values for the conformance tests, from NumPy (made with Debian's python3-numpy 1.24).

Writes golden/golden.txt (the index) and golden/golden.dat (the numbers, array after array):

    I name dtype ndim shape... offset
    C function nin inputs... naxes axes... keepdims ddof nout (dtype ndim shape... offset)...

Elementary functions and sums are computed in a wider type and rounded once, so the values are good to half an ULP;
NumPy's own float32 and float64 results are not. float16 input is widened to float32 first, as Sheaf does, and where
NumPy would give float16 or (1.24) complex128, the result is Sheaf's documented dtype.
"""
import itertools
import os
import numpy as np

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]
DTYPES = ["bool"] + INTS + FLOATS + COMPLEX
WIDE = {"float32": "float64", "float64": "longdouble", "complex64": "complex128", "complex128": "clongdouble"}
NARROW = {"complex64": "float32", "complex128": "float64"}

index, data, inputs = [], bytearray(), {}
rng = np.random.default_rng(20261123)


def put(a):
    a = np.asarray(a)
    offset = len(data)
    data.extend(np.ascontiguousarray(a).tobytes())
    return " ".join([a.dtype.name, str(a.ndim), *map(str, a.shape), str(offset)])


def add_input(name, a):
    inputs[name] = a
    index.append(f"I {name} {put(a)}")


def case(function, names, outs, axes=(), keepdims=False, ddof=0):
    fields = ["C", function, str(len(names)), *names, str(len(axes)), *map(str, axes), str(int(keepdims)), str(ddof),
              str(len(outs)), *map(put, outs)]
    index.append(" ".join(fields))


def make(dtype, shape, low=-9, high=9):
    if dtype == "bool":
        return rng.random(shape) < 0.5
    if dtype in INTS:
        return rng.integers(0 if dtype[0] == "u" else low, high, shape).astype(dtype)
    x = rng.normal(0, 2.5, shape)
    if dtype in COMPLEX:
        x = x + 1j * rng.normal(0, 2.5, shape)
    return x.astype(dtype)


def widen16(x):
    return x.astype("float32") if x.dtype == np.float16 else x


def is_integer(x):
    return x.dtype.kind in "biu"


def as_float(x):
    """The dtype that elementary functions work in."""
    x = widen16(x)
    if is_integer(x):
        return x.astype("float32" if x.dtype.itemsize <= 2 else "float64")
    return x


def wide(x):
    return x.astype(WIDE[x.dtype.name])


def real_dtype(x):
    return NARROW.get(x.dtype.name, x.dtype.name)


def elementary(f, x):
    x = as_float(x)
    if f is np.sqrt and x.dtype.kind == "f":  # correctly rounded as it is; twice rounded, it would not be
        return f(x)
    return f(wide(x)).astype(x.dtype)


UNARY = {
    "neg": lambda x: -widen16(x),
    "abs": lambda x: np.abs(widen16(x)) if x.dtype.kind != "c" else np.abs(wide(x)).astype(real_dtype(x)),
    "square": lambda x: np.square(widen16(x)) if x.dtype.kind != "c" else np.square(wide(x)).astype(x.dtype),
}
for f in ("sqrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tanh"):
    UNARY[f] = lambda x, f=getattr(np, f): elementary(f, x)


def binary(f, x, y):
    """In a wider type for complex and for pow; plain NumPy is exact or correctly rounded for the others."""
    x, y = widen16(x), widen16(y)
    dtype = np.result_type(x, y)
    if f is np.divide and dtype.kind in "biu":
        dtype = np.dtype("float64")
    if dtype.kind == "c" or (f is np.power and dtype.kind == "f"):
        w = WIDE[dtype.name]
        if f in (np.minimum, np.maximum):
            return f(x.astype(dtype), y.astype(dtype))
        return f(x.astype(w), y.astype(w)).astype(dtype)
    return f(x, y)


BINARY = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "minimum": np.minimum,
          "maximum": np.maximum, "pow": np.power}


def moments(f, x, axis, keepdims, ddof=None):
    """sum, mean, var, std of floats and complex, and mean, var, std of integers, rounded once."""
    x = widen16(x)
    dtype = "float64" if is_integer(x) else x.dtype.name
    w = x.astype(WIDE[dtype])
    kw = {} if ddof is None else {"ddof": ddof}
    y = f(w, axis=axis, keepdims=keepdims, **kw)
    return np.asarray(y).astype(NARROW.get(dtype, dtype) if f in (np.var, np.std) else dtype)


def norm(x, axis, keepdims):
    x = widen16(x)
    dtype = "float64" if is_integer(x) else x.dtype.name
    w = np.abs(x.astype(WIDE[dtype])) ** 2
    return np.asarray(np.sqrt(np.sum(w, axis=axis, keepdims=keepdims))).astype(NARROW.get(dtype, dtype))


def reduction(name, x, axis, keepdims, ddof):
    """The outputs; None: not for this dtype."""
    kind = x.dtype.kind
    if name == "sum":
        if is_integer(x):
            return [np.sum(x, axis=axis, keepdims=keepdims)]
        return [moments(np.sum, x, axis, keepdims)]
    if name == "mean":
        return [moments(np.mean, x, axis, keepdims)]
    if name in ("var", "std"):
        return [moments(getattr(np, name), x, axis, keepdims, ddof)]
    if name == "norm":
        return [norm(x, axis, keepdims)]
    x = widen16(x)
    if name == "stats":
        if kind == "c":
            return None
        least = np.asarray(np.min(x, axis=axis, keepdims=keepdims))
        count = np.full(least.shape, x.size // max(least.size, 1), "int64")
        return [count, moments(np.mean, x, axis, keepdims), moments(np.std, x, axis, keepdims, ddof), least,
                np.max(x, axis=axis, keepdims=keepdims)]
    if name == "ptp":
        return None if kind == "b" else [np.ptp(x, axis=axis, keepdims=keepdims)]
    if name == "count_nonzero":
        return [np.asarray(np.count_nonzero(x, axis=axis, keepdims=keepdims), "int64")]
    return [getattr(np, name)(x, axis=axis, keepdims=keepdims)]


REDUCTIONS = ["sum", "mean", "var", "std", "min", "max", "ptp", "argmin", "argmax", "any", "all", "count_nonzero", "norm",
              "stats"]
AXES = [((), False, 0), ((1,), True, 1), ((-1,), False, 0), ((2, 0), False, 0)]


def elementwise_cases():
    for d, (name, f) in itertools.product(DTYPES, UNARY.items()):
        if name == "neg" and d == "bool":
            continue
        x = inputs[f"a_{d}"]
        if name == "square" and d == "bool":
            x = x.astype("int8")
        case(name, [f"a_{d}"], [f(x)])
        if d in ("float32", "float64"):
            case(name, [f"odd_{d}"], [f(inputs[f"odd_{d}"])])
            case(name, [f"huge_{d}"], [f(inputs[f"huge_{d}"])])
    for d, (name, f) in itertools.product(DTYPES, BINARY.items()):
        if name == "sub" and d == "bool":
            continue
        second = f"e_{d}" if name == "pow" else f"b_{d}"
        case(name, [f"a_{d}", second], [binary(f, inputs[f"a_{d}"], inputs[second])])
        if d in ("float32", "float64"):
            case(name, [f"odd_{d}", f"turned_{d}"], [binary(f, inputs[f"odd_{d}"], inputs[f"turned_{d}"])])
    for name, d1, d2 in itertools.product(("add", "div"), DTYPES, DTYPES):
        if d1 != d2:
            case(name, [f"s_{d1}", f"t_{d2}"], [binary(BINARY[name], inputs[f"s_{d1}"], inputs[f"t_{d2}"])])


def reduction_cases():
    for d, name in itertools.product(DTYPES, REDUCTIONS):
        for axes, keepdims, ddof in AXES:
            if name.startswith("arg") and len(axes) > 1:
                continue
            axis = None if not axes else axes[0] if len(axes) == 1 else axes
            outs = reduction(name, inputs[f"a_{d}"], axis, keepdims, ddof)
            if outs:
                case(name, [f"a_{d}"], outs, axes, keepdims, ddof)
        if d in ("float32", "float64"):
            outs = reduction(name, inputs[f"odd_{d}"], 0, False, 0)
            case(name, [f"odd_{d}"], outs, (0,))
        outs = reduction(name, inputs[f"scalar_{d}"], None, False, 0)
        if outs:
            case(name, [f"scalar_{d}"], outs)
    for name in ("sum", "mean", "var", "any", "all", "count_nonzero", "norm"):
        for axes in ((), (0,), (1,)):
            outs = reduction(name, inputs["empty"], axes[0] if axes else None, False, 0)
            case(name, ["empty"], outs, axes)
    for name in ("min", "argmax", "stats"):
        case(name, ["empty"], reduction(name, inputs["empty"], 1, False, 0), (1,))


def axis_cases():
    for d in DTYPES:
        x = widen16(inputs[f"a_{d}"])
        for axis in (None, 0, 1, -1):
            axes = () if axis is None else (axis,)
            case("sort", [f"a_{d}"], [np.sort(x, axis=-1 if axis is None else axis)], axes)
            case("cumsum", [f"a_{d}"], [np.cumsum(x, axis=axis)], axes)
            if x.dtype.kind != "c":
                y = np.fft.rfft(x, axis=-1 if axis is None else axis)
                case("rfft", [f"a_{d}"], [y.astype("complex64") if x.dtype == np.float32 else y], axes)
        if d in ("float32", "float64"):
            case("sort", [f"odd_{d}"], [np.sort(inputs[f"odd_{d}"])])
            case("cumsum", [f"odd_{d}"], [np.cumsum(inputs[f"odd_{d}"], axis=1)], (1,))
        matmul_case(f"a_{d}", f"m_{d}")
        matmul_case(f"a_{d}", f"s_{d}")
        matmul_case(f"t_{d}", f"m_{d}")
        matmul_case(f"s_{d}", f"t_{d}")
    matmul_case("a_int8", "m_float32")
    matmul_case("a_float64", "m_complex64")
    matmul_case("broad", "a_float64")


def matmul_case(a, b):
    x, y = widen16(inputs[a]), widen16(inputs[b])
    dtype = np.result_type(x, y)
    z = np.matmul(x, y) if dtype.kind in "biu" else np.asarray(np.matmul(
        x.astype(WIDE[dtype.name]), y.astype(WIDE[dtype.name]))).astype(dtype)
    case("matmul", [a, b], [z])


def all_inputs():
    for d in DTYPES:
        add_input(f"a_{d}", make(d, (3, 2, 5)))
        add_input(f"b_{d}", make(d, (2, 1)))
        add_input(f"s_{d}", make(d, (5,)))
        add_input(f"t_{d}", make(d, (5,)))
        add_input(f"m_{d}", make(d, (5, 2)))
        add_input(f"e_{d}", make(d, (5,), low=0, high=7))
        add_input(f"scalar_{d}", make(d, ()))
    for d in ("float32", "float64"):
        tiny = np.finfo(d).smallest_subnormal
        odd = [[np.nan, 1.5, -np.inf, np.inf, 0.0, -0.0], [1.0, -0.0, 0.0, np.inf, -1.0, tiny],
               [-0.0, 0.0, 2.5, np.finfo(d).max, tiny, -1e-20], [3.0, -3.0, 0.5, -np.inf, 1e-8, np.finfo(d).tiny]]
        add_input(f"odd_{d}", np.array(odd, d))
        add_input(f"turned_{d}", np.array(odd[::-1], d)[:, ::-1])
        top = {"float32": 86.0, "float64": 705.0}[d]
        huge = np.concatenate([rng.uniform(-top, top, 24), 10.0 ** rng.uniform(-12, 12, 23), -(10.0 ** rng.uniform(-9, 9, 10))])
        add_input(f"huge_{d}", huge.astype(d))
    add_input("broad", make("float64", (2, 1, 2, 2)))
    add_input("empty", np.zeros((0, 3)))


def main():
    with np.errstate(all="ignore"):
        all_inputs()
        elementwise_cases()
        reduction_cases()
        axis_cases()
    os.makedirs(HERE, exist_ok=True)
    with open(os.path.join(HERE, "golden.txt"), "w") as f:
        f.write("\n".join(index) + "\n")
    with open(os.path.join(HERE, "golden.dat"), "wb") as f:
        f.write(data)


main()
