"""The catalogue of src/ops/functions.def in NumPy and SciPy, and the function language evaluated with it.

evaluate(text, inputs) gives the outputs of a program. Where NumPy is no guide to what Sheaf gives, by decision or
because rounding decides, it raises Discard. With noise (a random generator), what two good libraries may round
differently is moved by some ULP and zeros get a sign by chance: how far results then lie apart tells how well
conditioned a program is.
"""

import ast
import collections
import functools
import operator
import os
import re
import warnings

import numpy as np
import scipy.ndimage
import scipy.signal
import scipy.special
from scipy.stats import rankdata

warnings.simplefilter("ignore")
np.seterr(all="ignore")

NOISE_ULPS = 4
CONSTANTS = {"pi": np.pi, "e": np.e, "inf": np.inf, "nan": np.nan, "newaxis": None}
DEFINITIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/ops/functions.def")

Row = collections.namedtuple("Row", "name aliases kind nin options dtypes")


class Discard(Exception):
    """NumPy's result is not the one to compare with."""


def read_rows():
    text = open(DEFINITIONS).read()
    string = r'"((?:[^"\\]|\\.)*)"'
    head = re.compile(rf"^FUNCTION\((\w+), {string},\s+(\w+), (\w+), {string}, \d, {string}, {string},", re.M)
    rows = {}
    for m in head.finditer(text):
        name, aliases, kind, nin, _, _, options = m.groups()
        dtypes = re.search(r'"([biufc](?: [biufc])*)"', text[m.end() :])[1]
        rows[name] = Row(name, aliases.split(), kind, nin, options.split(), dtypes.split())
    return rows


ROWS = read_rows()
CANONICAL = {word: row.name for row in ROWS.values() for word in [row.name, *row.aliases]}
used = collections.Counter()
noise, snapping = None, 0.0


def is_weak(x):
    return type(x) in (bool, int, float, complex)


def rough(y, scale=None):
    """y, which is rounded relative to the scale (itself by default); 0: it is exact but for the sign of zeros."""
    y = np.asarray(y)
    if noise is None or y.dtype.kind not in "fc":
        return y
    if scale is None:
        scale = np.abs(y) + (y.dtype.kind == "c")
    size = np.where(np.isfinite(scale), scale, 0) * NOISE_ULPS * np.finfo(y.dtype).eps
    if y.dtype.kind == "c":
        moved = y + size * (noise.uniform(-1, 1, y.shape) + 1j * noise.uniform(-1, 1, y.shape))
    else:
        moved = y + size * noise.uniform(-1, 1, y.shape)
        whole = np.rint(y)  # what one library hits, another may just miss
        moved = np.where((np.abs(y - whole) <= 2 * size) & (noise.random(y.shape) < snapping), whole, moved)
        moved = np.where(moved == 0, np.copysign(0.0, noise.uniform(-1, 1, y.shape)), moved)
    return np.where(np.isfinite(y), moved, y).astype(y.dtype)


# ---- the result's dtypes (src/ops/op.h) ----


def floats(*args):
    """The inputs as the floats that elementary functions compute in."""
    dtype = np.result_type(*args)
    if dtype.kind in "biu":
        dtype = np.dtype("float32" if dtype.itemsize <= 2 else "float64")
    return [np.asarray(a, dtype) for a in args]


def mean_dtype(x):
    return np.dtype("float64") if x.dtype.kind in "biu" else x.dtype


def mean_real(x):
    return np.finfo(mean_dtype(x)).dtype


def wide(x):
    return x.astype("complex128" if x.dtype.kind == "c" else "float64")


def refuse(condition):
    if condition:
        raise Discard


def refuse_mixed_zeros(x):
    """-0 sorts before +0 in Sheaf; NumPy holds them to be equal."""
    parts = [x.real, x.imag] if x.dtype.kind == "c" else [x] if x.dtype.kind == "f" else []
    for p in parts:
        signs = np.signbit(p[p == 0])
        refuse(signs.any() and not signs.all())


# ---- elementwise ----


def elementary(f, scale=None):
    def g(*args):
        args = floats(*args)
        y = f(*args)
        return rough(np.asarray(y).astype(args[0].dtype), scale(y) if scale and args[0].dtype.kind != "c" else None)

    return g


def positive(f):
    def g(x):
        refuse(np.any(np.asarray(x) <= 0))
        return f(x)

    return g


def angle(x):
    (x,) = floats(x)
    refuse(np.any(np.signbit(x.real) & (x == 0)))
    return rough(np.angle(x).astype(np.finfo(x.dtype).dtype))


def same(f):
    def g(x):
        x = np.asarray(x)
        return rough(np.asarray(f(x)).astype(x.dtype), 0 if x.dtype.kind != "c" else None)

    return g


def shifted(f):
    def g(x, y):
        dtype = np.result_type(x, y)
        bits = 64 if is_weak(x) and is_weak(y) else 8 * max(dtype.itemsize, 1)
        refuse(np.any(np.asarray(y) < 0) or np.any(np.asarray(y) >= bits))
        return f(x, y)

    return g


def multiplied(f):
    def g(x, y):
        z = f(x, y)
        return z if is_weak(z) or np.asarray(z).dtype.kind != "c" else rough(z)

    return g


def power(f):
    def g(x, y):
        refuse(np.asarray(x).dtype.kind == "b" and is_weak(y))  # NumPy: int8 for ** 2, int64 for ** 3
        z = f(x, y)
        return z if is_weak(z) else rough(z)

    return g


def compared(f):
    def g(x, y):
        for weak, other in ((x, y), (y, x)):
            if type(weak) is int and not is_weak(other) and np.asarray(other).dtype.kind in "iu":
                info = np.iinfo(np.asarray(other).dtype)
                refuse(not info.min <= weak <= info.max)
        return f(x, y)

    return g


def where(c, x, y):
    dtype = np.result_type(x, y)  # NumPy wraps a literal that is out of range
    return np.where(np.asarray(c) != 0, *(np.asarray(v, dtype) if is_weak(v) else v for v in (x, y)))


def cast(dtype):
    dtype = np.dtype(dtype)

    def f(x):
        x = np.asarray(x)
        if dtype.kind in "iu" and x.dtype.kind in "fc":
            info = np.iinfo(dtype)
            whole = np.trunc(x.real)
            refuse(not np.all(np.isfinite(x) & (whole >= info.min) & (whole < float(info.max) + (info.bits < 64))))
        if x.dtype.kind == "c" and dtype.kind not in "bc":
            x = x.real
        y = x.astype(dtype)
        return rough(y) if dtype.itemsize < x.dtype.itemsize else y

    f.dtype = dtype
    return f


FUNCTIONS = {name: cast(name) for name, row in ROWS.items() if row.kind == "CAST"}
for name in "sqrt exp expm1 log log1p sin cos tanh cbrt exp2 log2 log10 tan sinh cosh hypot".split():
    FUNCTIONS[name] = elementary(getattr(np, name))
for name in "asin acos atan asinh acosh atanh atan2".split():
    FUNCTIONS[name] = elementary(getattr(np, "arc" + name[1:]))
for name, f in {"erf": "erf", "erfc": "erfc", "gamma": "gamma", "lgamma": "gammaln", "sigmoid": "expit"}.items():
    FUNCTIONS[name] = elementary(getattr(scipy.special, f), (lambda y: 1 + np.abs(y)) if name == "lgamma" else None)
for name in ("gamma", "lgamma"):
    FUNCTIONS[name] = positive(FUNCTIONS[name])
for name, f in {
    "neg": np.negative,
    "relu": lambda x: np.maximum(x, x.dtype.type(0)),
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc,
    "round": np.round,
    "nan_to_num": np.nan_to_num,
    "conj": np.conj,
    "bitwise_not": np.invert,
}.items():
    FUNCTIONS[name] = same(f)
for name in (
    "isnan isinf isfinite logical_not logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor "
    "minimum maximum floor_divide fmod add"
).split():
    FUNCTIONS[name] = getattr(np, name)
for name in "equal not_equal less less_equal greater greater_equal".split():
    FUNCTIONS[name] = compared(getattr(np, name))
FUNCTIONS |= {
    "abs": lambda x: rough(np.abs(x)) if np.asarray(x).dtype.kind == "c" else np.abs(x),
    "square": multiplied(lambda x, _: np.square(x)),
    "reciprocal": multiplied(lambda x, _: np.true_divide(1, np.asarray(x))),
    "real": lambda x: np.asarray(x).real,
    "imag": lambda x: np.asarray(x).imag,
    "angle": angle,
    "sub": np.subtract,
    "mul": multiplied(np.multiply),
    "div": multiplied(np.true_divide),
    "mod": np.remainder,
    "pow": power(np.power),
    "left_shift": shifted(np.left_shift),
    "right_shift": shifted(np.right_shift),
    "where": where,
    "clip": lambda x, lo, hi: np.minimum(np.maximum(x, lo), hi),
}
for name in ("square", "reciprocal"):
    FUNCTIONS[name] = functools.partial(lambda f, x: f(x, None), FUNCTIONS[name])
for name in ("minimum", "maximum", "clip"):
    FUNCTIONS[name] = functools.partial(lambda f, *args: rough(f(*args), 0), FUNCTIONS[name])

OPERATORS = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("sub", operator.sub),
    ast.Mult: ("mul", multiplied(operator.mul)),
    ast.Div: ("div", multiplied(operator.truediv)),
    ast.FloorDiv: ("floor_divide", operator.floordiv),
    ast.Mod: ("mod", operator.mod),
    ast.Pow: ("pow", power(operator.pow)),
    ast.LShift: ("left_shift", shifted(operator.lshift)),
    ast.RShift: ("right_shift", shifted(operator.rshift)),
    ast.BitAnd: ("bitwise_and", operator.and_),
    ast.BitOr: ("bitwise_or", operator.or_),
    ast.BitXor: ("bitwise_xor", operator.xor),
    ast.MatMult: ("matmul", lambda x, y: FUNCTIONS["matmul"](x, y)),
    ast.Eq: ("equal", compared(operator.eq)),
    ast.NotEq: ("not_equal", compared(operator.ne)),
    ast.Lt: ("less", compared(operator.lt)),
    ast.LtE: ("less_equal", compared(operator.le)),
    ast.Gt: ("greater", compared(operator.gt)),
    ast.GtE: ("greater_equal", compared(operator.ge)),
    ast.USub: ("neg", operator.neg),
    ast.UAdd: (None, operator.pos),
    ast.Invert: ("bitwise_not", operator.invert),
}


# ---- reductions ----


def reduction(f, scale=None, dtype=None):
    """f in the widest floats; dtype: the result's, of x. scale: what rounding is relative to, of |x|; 0: none."""

    def g(x, **options):
        x = np.asarray(x)
        size = scale(np.abs(x), **options) if callable(scale) else scale
        y = np.asarray(f(wide(x) if dtype else x, **options))
        return rough(y.astype(dtype(x)) if dtype else y, size)

    return g


def moments(x, axis=None, keepdims=False):
    mean = np.mean(x, axis=axis, keepdims=True)
    m2, m3, m4 = (np.mean((x - mean) ** k, axis=axis, keepdims=keepdims) for k in (2, 3, 4))
    refuse(np.any(m2 <= 1e-20 * np.mean(np.abs(x), axis=axis, keepdims=keepdims) ** 2))
    return m2, m3, m4


def skew(x, **options):
    m2, m3, _ = moments(x, **options)
    return m3 / m2**1.5


def kurtosis(x, **options):
    m2, _, m4 = moments(x, **options)
    return m4 / m2**2 - 3


def spread(f):
    def g(x, ddof=0, weights=None, axis=None, keepdims=False):
        x = np.asarray(x)
        refuse(x.size <= ddof or weights is not None)
        y = np.asarray(f(x, axis=axis, ddof=ddof, keepdims=keepdims))
        if noise is None:
            return y
        size = np.nanmax(np.abs(x[np.isfinite(x)]), initial=0).astype(float)
        variance = f in (np.var, np.nanvar)
        return rough(y, np.abs(y) + (np.finfo(y.dtype).eps * 8 * size**2 if variance else size))

    return g


def mean(x, weights=None, axis=None, keepdims=False):
    x = np.asarray(x)
    if weights is None:
        return rough(np.mean(x, axis=axis, keepdims=keepdims), np.mean(np.abs(x), axis=axis, keepdims=keepdims))
    refuse(x.dtype != np.float64)
    w = np.asarray(weights)
    magnitude = np.average(np.abs(x), axis=axis, weights=w, keepdims=keepdims)
    return rough(np.average(x, axis=axis, weights=w, keepdims=keepdims), magnitude)


def trapz(x, spacing=1, axis=-1, keepdims=False):
    def integral(x):
        y = np.trapezoid(x, dx=spacing, axis=axis)
        return np.expand_dims(y, axis) if keepdims else y

    x = np.asarray(x)
    return rough(integral(wide(x)).astype(mean_dtype(x)), integral(np.abs(wide(x))))


def dot(x, y, axis=-1, keepdims=False):
    x, y = np.asarray(x), np.asarray(y)
    dtype = np.result_type(x, y)
    refuse(dtype.kind == "b")
    product = x.astype(dtype) * y.astype(dtype)
    magnitude = np.sum(np.abs(product), axis=axis, keepdims=keepdims)
    return rough(np.sum(product, axis=axis, keepdims=keepdims, dtype=dtype), magnitude)


def count_nonzero(x, axis=None, keepdims=False):
    return np.int64(np.count_nonzero(x, axis=axis, keepdims=keepdims))


Stats = collections.namedtuple("Stats", "count mean std min max")


def stats(x, ddof=0, axis=None, keepdims=False):
    x = np.asarray(x)
    refuse(x.size == 0)
    options = {"axis": axis, "keepdims": keepdims}
    least = np.asarray(np.min(x, **options))
    count = np.full(least.shape, x.size // max(least.size, 1))
    return Stats(count, mean(x, **options), spread(np.std)(x, ddof=ddof, **options), least, np.max(x, **options))


def logsumexp(x, axis=None, keepdims=False):
    y = scipy.special.logsumexp(x, axis=axis, keepdims=keepdims)
    return y if x.ndim else np.reshape(y, ())  # SciPy keeps a dimension that was not there


FUNCTIONS |= {
    "sum": reduction(np.sum, np.sum),
    "mean": mean,
    "var": spread(np.var),
    "std": spread(np.std),
    "min": reduction(np.min, 0),
    "max": reduction(np.max, 0),
    "ptp": reduction(np.ptp),
    "argmin": reduction(np.argmin),
    "argmax": reduction(np.argmax),
    "any": reduction(np.any),
    "all": reduction(np.all),
    "count_nonzero": count_nonzero,
    "norm": reduction(lambda x, **o: np.sqrt(np.sum(np.abs(x) ** 2, **o)), dtype=mean_real),
    "rms": reduction(lambda x, **o: np.sqrt(np.mean(np.abs(x) ** 2, **o)), dtype=mean_real),
    "fsum": reduction(np.sum, np.sum, mean_dtype),
    "prod": reduction(np.prod, lambda x, **o: 8 * np.abs(np.prod(x, **o))),
    "logsumexp": reduction(logsumexp, lambda x, **o: 1 + np.max(x, **o), mean_real),
    "skew": reduction(skew, lambda x, **o: 64, mean_real),
    "kurtosis": reduction(kurtosis, lambda x, **o: 64, mean_real),
    "trapz": trapz,
    "dot": dot,
    "stats": stats,
    "nansum": reduction(np.nansum, np.nansum),
    "nanmean": reduction(np.nanmean, np.nanmean),
    "nanvar": spread(np.nanvar),
    "nanstd": spread(np.nanstd),
    "nanmin": reduction(np.nanmin, 0),
    "nanmax": reduction(np.nanmax, 0),
    "nanargmin": reduction(np.nanargmin),
    "nanargmax": reduction(np.nanargmax),
}


# ---- along an axis ----


def along(f):
    """f of each row along an axis, the last one by default."""

    def g(x, *args, axis=-1, **options):
        x = np.asarray(x)
        refuse(x.size == 0)
        refuse_mixed_zeros(x)
        return np.apply_along_axis(f, axis, x, *args, **options)

    return g


def places(x):
    return np.argsort(x, kind="stable")


def ranks(x):
    return np.unique(x, return_inverse=True)[1]


def parted(x, k):
    return np.argsort(np.sign(ranks(x) - ranks(x)[places(x)[k]]), kind="stable")


def greatest(x, k):
    return np.argsort(-ranks(x), kind="stable")[:k] if k > 0 else places(x)[:-k]


def rank(x, method="ordinal"):
    return rankdata(ranks(x), method).astype("float64" if method == "average" else "int64")


def scan(f, scale=None):
    def g(x, axis=None):
        x = np.asarray(x)
        return rough(f(x, axis), scale(np.abs(x), axis) if scale else None)

    return g


def accumulated(f):
    return lambda x, axis: f.accumulate(x.ravel() if axis is None else x, axis=axis or 0)


def gradient(x, spacing=1, axis=-1):
    x = np.asarray(x)
    y = np.gradient(wide(x), spacing, axis=axis).astype(mean_dtype(x))
    return rough(y, np.max(np.abs(x[np.isfinite(x)]), initial=0) / spacing)


def rfft(x, axis=-1):
    x = np.asarray(x)
    x = x.astype(mean_dtype(x))
    return rough(np.fft.rfft(x, axis=axis), np.sum(np.abs(x), axis=axis, keepdims=True))


def matmul(x, y):
    z = np.matmul(x, y)
    return rough(z, np.abs(x) @ np.abs(y)) if z.dtype.kind in "fc" else z


def quantiles(f, percent=None):
    """Of x, and q times percent; a median without q."""

    def g(x, q=None, method="linear", axis=None, keepdims=False):
        x = np.asarray(x)
        refuse(x.size == 0 or np.any(np.isinf(x)))
        keeps = method in ("lower", "higher", "nearest")
        dtype = x.dtype if keeps else mean_dtype(x)
        values = wide(x)
        if q is None:
            return rough(f(values, axis=axis, keepdims=keepdims).astype(dtype))
        y = f(values, np.asarray(q, "float64"), method=method, axis=axis, keepdims=keepdims)
        y = np.asarray(y)
        refuse(dtype.kind in "biu" and np.any(np.isnan(y)))
        return rough(y.astype(dtype), 0 if keeps else np.abs(y) + np.nanmax(np.abs(values), initial=0))

    return g


FUNCTIONS |= {
    "sort": along(np.sort),
    "argsort": along(places),
    "partition": along(lambda x, k: x[parted(x, k)]),
    "argpartition": along(parted),
    "topk": along(lambda x, k: x[greatest(x, k)]),
    "argtopk": along(greatest),
    "rank": along(rank),
    "cumsum": scan(np.cumsum, np.cumsum),
    "cumprod": scan(np.cumprod, lambda x, axis: 8 * np.abs(np.cumprod(x, axis))),
    "cummin": scan(accumulated(np.minimum), lambda x, axis: 0),
    "cummax": scan(accumulated(np.maximum), lambda x, axis: 0),
    "diff": lambda x, n=1, axis=-1: np.diff(x, n=n, axis=axis),
    "gradient": gradient,
    "rfft": rfft,
    "matmul": matmul,
    "median": quantiles(np.median),
    "quantile": quantiles(np.quantile),
    "percentile": quantiles(np.percentile),
    "nanmedian": quantiles(np.nanmedian),
    "nanquantile": quantiles(np.nanquantile),
    "nanpercentile": quantiles(np.nanpercentile),
}


# ---- searching and counting ----

Histogram = collections.namedtuple("Histogram", "counts edges")
Counts = collections.namedtuple("Counts", "values counts")
Inverse = collections.namedtuple("Inverse", "values inverse_indices")
All = collections.namedtuple("All", "values indices inverse_indices counts")


def histogram(x, bins=10, range=None):
    x = np.asarray(x)
    refuse(x.dtype.kind == "b")
    counts, edges = np.histogram(x, bins, range)
    return Histogram(counts, edges.astype(mean_dtype(x)))


def unique(*parts):
    def f(x):
        x = np.asarray(x)
        refuse_mixed_zeros(x)
        everything = All(*np.unique(x, return_index=True, return_inverse=True, return_counts=True))
        everything = everything._replace(inverse_indices=everything.inverse_indices.reshape(x.shape))
        if not parts:
            return everything.values
        return parts[0](**{name: getattr(everything, name) for name in parts[0]._fields})

    return f


def bincount(x, weights=None, minlength=0):
    y = np.bincount(np.ravel(x), None if weights is None else np.ravel(weights), minlength)
    return y if weights is None else rough(y)


def compress(condition, x, axis=None):
    condition, x = np.asarray(condition) != 0, np.asarray(x)
    return x[condition] if condition.ndim > 1 else np.compress(condition, x, axis=axis)


FUNCTIONS |= {
    "searchsorted": lambda x, y, side="left": np.searchsorted(x, y, side),
    "digitize": lambda x, bins, right=False: np.digitize(x, bins, right),
    "histogram": histogram,
    "unique": unique(),
    "unique_counts": unique(Counts),
    "unique_inverse": unique(Inverse),
    "unique_all": unique(All),
    "nonzero": lambda x: np.stack(np.nonzero(x)),
    "bincount": bincount,
    "compress": compress,
}


# ---- shape, movement, creation ----


def word(dtype):
    return getattr(dtype, "dtype", dtype)


def padded(x, widths, mode="constant", value=0):
    refuse(is_weak(value) and not np.can_cast(np.min_scalar_type(value), np.asarray(x).dtype, "same_kind"))
    return np.pad(x, widths, mode, **({"constant_values": value} if mode == "constant" else {}))


FUNCTIONS |= {
    "transpose": lambda x, axis=None: np.transpose(x, axis),
    "moveaxis": np.moveaxis,
    "reshape": np.reshape,
    "ravel": np.ravel,
    "squeeze": np.squeeze,
    "flip": lambda x, axis=None: np.flip(x, axis),
    "split": lambda x, sections, axis=0: np.stack(np.split(x, sections, axis)),
    "roll": np.roll,
    "pad": padded,
    "tile": np.tile,
    "repeat": lambda x, repeats, axis=None: np.repeat(x, repeats, axis),
    "concat": lambda arrays, axis=0: np.concatenate([np.asarray(x) for x in arrays], axis),
    "stack": lambda arrays, axis=0: np.stack([np.asarray(x) for x in arrays], axis),
    "take": lambda x, indices, axis=None: np.take(x, indices, axis),
    "diag": np.diag,
    "tril": np.tril,
    "triu": np.triu,
    "outer": lambda x, y: rough(np.outer(x, y)) if np.result_type(x, y).kind == "c" else np.outer(x, y),
    "zeros": lambda shape, dtype="float64": np.zeros(shape, word(dtype)),
    "ones": lambda shape, dtype="float64": np.ones(shape, word(dtype)),
    "full": lambda shape, value, dtype=None: np.full(shape, value, word(dtype)),
    "eye": lambda n, k=0, dtype="float64": np.eye(n, k=k, dtype=word(dtype)),
    "linspace": lambda start, stop, num=50: np.linspace(start, stop, num),
    "arange": np.arange,
}


# ---- windows, filters, neighbours ----


def moving(f):
    def g(x, window, min_count=0, center=False, ddof=0, axis=-1):
        x = np.asarray(x)
        refuse(x.size == 0 or np.any(np.isinf(x)))
        rows = np.moveaxis(wide(x), axis, -1)
        ahead = (window - 1) // 2 if center else 0
        edges = [(0, 0)] * (x.ndim - 1) + [(window - 1 - ahead, ahead)]
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(rows, edges, constant_values=np.nan), window, axis=-1)
        count = np.sum(~np.isnan(windows), axis=-1)
        y = f(windows, axis=-1, **({"ddof": ddof} if f in (np.nanvar, np.nanstd) else {}))
        y = np.where((count < (min_count or window)) | (count <= ddof), np.nan, y)
        size = 0 if f in (np.nanmin, np.nanmax) else np.nansum(np.abs(rows)) * (1 if f is not np.nanvar else 1e-8)
        return rough(np.moveaxis(y, -1, axis).astype(mean_dtype(x)), size)

    return g


def ewm_row(x, alpha, adjust):
    out, total, weight = np.empty(len(x)), np.nan, 0.0
    for i, v in enumerate(x):
        weight *= 1 - alpha
        if not np.isnan(v):
            fresh = 1 if adjust or np.isnan(total) else alpha
            total = v if np.isnan(total) else (weight * total + fresh * v) / (weight + fresh)
            weight = weight + fresh if adjust else 1.0
        out[i] = total
    return out


def ewm(x, alpha, adjust=True, axis=-1):
    x = np.asarray(x)
    refuse(x.size == 0 or np.any(np.isinf(x)))
    y = np.apply_along_axis(ewm_row, axis, wide(x), alpha, adjust)
    return rough(y.astype(mean_dtype(x)), np.nanmax(np.abs(wide(x)), initial=0))


def lfilter(b, a, x, axis=-1):
    refuse(not np.all(np.isfinite(x)))
    dtype = mean_dtype(np.empty(0, np.result_type(np.asarray(b), np.asarray(a), np.asarray(x))))
    y = scipy.signal.lfilter(np.asarray(b, "float64"), np.asarray(a, "float64"), wide(np.asarray(x)), axis=axis)
    return rough(y.astype(dtype), np.max(np.abs(y), initial=0) + np.max(np.abs(x), initial=0))


def interp(x, xp, fp):
    refuse(np.any(np.isnan(x)) or np.any(np.diff(xp) < 0))
    return rough(np.interp(x, xp, fp), np.max(np.abs(fp)))


def convolution(f, default):
    def g(x, y, mode=default, axis=-1):
        x, y = np.asarray(x), np.asarray(y)
        dtype = np.result_type(x, y)
        refuse(y.ndim != 1 or x.size == 0 or x.shape[axis] < y.size or dtype.kind == "b")
        refuse(not np.all(np.isfinite(x)))
        x, y = x.astype(dtype), y.astype(dtype)
        z = np.apply_along_axis(f, axis, x, y, mode).astype(dtype)
        return rough(z, np.max(np.abs(x)) * np.sum(np.abs(y)))

    return g


def convolution2(f):
    def g(x, y, mode="full"):
        x, y = np.asarray(x), np.asarray(y)
        dtype = np.result_type(x, y)
        refuse(x.ndim != 2 or x.shape[0] < y.shape[0] or x.shape[1] < y.shape[1] or dtype.kind == "b")
        refuse(not np.all(np.isfinite(x)))
        z = f(x.astype(dtype), y.astype(dtype), mode).astype(dtype)
        return rough(z, np.max(np.abs(x)) * np.sum(np.abs(y)))

    return g


def stencil(x, kernel, mode="reflect", value=0):
    x, kernel = np.asarray(x), np.asarray(kernel)
    dtype = np.result_type(x, kernel)
    refuse(x.ndim < kernel.ndim or dtype.kind in "bc" or not np.all(np.isfinite(x)) or x.size == 0)
    refuse(dtype.kind in "iu" and np.max(np.abs(wide(x))) * np.sum(np.abs(kernel)) > 2**50)  # SciPy adds in float64
    taps = kernel.reshape((1,) * (x.ndim - kernel.ndim) + kernel.shape)
    z = scipy.ndimage.correlate(x.astype(dtype), taps.astype("float64"), mode=mode, cval=value)
    return rough(z, (np.max(np.abs(x)) + abs(value)) * np.sum(np.abs(kernel)))


for name in "sum mean min max median var std".split():
    FUNCTIONS["moving_" + name] = moving(getattr(np, "nan" + name))
FUNCTIONS |= {
    "ewm": ewm,
    "lfilter": lfilter,
    "interp": interp,
    "convolve": convolution(np.convolve, "full"),
    "correlate": convolution(np.correlate, "valid"),
    "convolve2d": convolution2(scipy.signal.convolve2d),
    "correlate2d": convolution2(scipy.signal.correlate2d),
    "stencil": stencil,
}


# ---- the language ----


def check_kinds(row, args):
    """Sheaf takes these dtypes only."""
    n = len(args) if row.nin == "MANY" else int(row.nin)
    arrays = args[0] if row.nin == "MANY" else args[:n]
    arrays = arrays[1:] if row.name == "where" else arrays
    if row.kind == "CREATE" or not arrays:
        return
    kind = np.result_type(*[a if is_weak(a) else np.asarray(a) for a in arrays]).kind
    refuse(kind not in row.dtypes)


# Sheaf's words for NumPy's, in the functions above.
SYNONYMS = {"order": "n", "kth": "k", "pad_width": "widths", "constant_values": "value"}


def called(name, f):
    row = ROWS[name]

    def g(*args, **options):
        used[name] += 1
        check_kinds(row, args)
        options = {SYNONYMS.get(k, k): v for k, v in options.items()}
        y = f(*args, **options)
        return y if isinstance(y, tuple) else np.asarray(y)[()]

    if hasattr(f, "dtype"):
        g.dtype = f.dtype
    return g


def infix(name, f):
    def g(*args):
        if name:
            used[name] += 1
            if not all(map(is_weak, args)):
                check_kinds(ROWS[name], args)
        refuse(name == "bitwise_not" and is_weak(args[0]))
        y = f(*args)
        return y if is_weak(y) else np.asarray(y)[()]

    return g


NAMESPACE = {name: called(name, f) for name, f in FUNCTIONS.items()}
NAMESPACE |= {alias: NAMESPACE[name] for alias, name in CANONICAL.items() if name in NAMESPACE}
NAMESPACE |= CONSTANTS
NAMESPACE |= {"_" + op.__name__: infix(name, f) for op, (name, f) in OPERATORS.items()}
NAMESPACE["__builtins__"] = {}


class Rewrite(ast.NodeTransformer):
    """Operators and methods as calls of the catalogue; np.f is f."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        return self.call(node.op, [node.left, node.right])

    def visit_Compare(self, node):
        refuse(len(node.ops) > 1)
        self.generic_visit(node)
        return self.call(node.ops[0], [node.left, node.comparators[0]])

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return node
        return self.call(node.op, [node.operand])

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute):
            base, method = node.func.value, node.func.attr
            while isinstance(base, ast.Attribute) and base.attr in ("linalg", "fft"):
                base = base.value
            if isinstance(base, ast.Name) and base.id == "np":
                node.func = ast.Name(method, ast.Load())
            elif method == "astype":
                node.func, node.args = node.args[0], [node.func.value]
            else:
                node.func, node.args = ast.Name(method, ast.Load()), [node.func.value, *node.args]
        return self.generic_visit(node)

    def call(self, op, args):
        return ast.Call(ast.Name("_" + type(op).__name__, ast.Load()), args, [])


@functools.lru_cache(20000)
def compiled(expression):
    tree = Rewrite().visit(ast.parse(expression.strip(), mode="eval"))
    return compile(ast.fix_missing_locations(tree), expression, "eval")


def value_of(expression, names):
    return eval(compiled(expression), NAMESPACE, names)


def cut(text, separator):
    """At the separators outside of brackets."""
    parts, depth, at = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if c == separator and depth == 0:
            parts.append(text[at:i])
            at = i + 1
    return parts + [text[at:]]


def named(statement):
    m = re.match(r"\s*(\w+)\s*=(?!=)(.*)", statement)
    return m.groups() if m else (None, statement)


def evaluate(text, inputs, generator=None, snap=0.0):
    """The outputs as arrays, those of functions with several one after the other. snap: how often what is near a whole
    number becomes one."""
    global noise, snapping
    noise, snapping = generator, snap
    names, outputs = dict(inputs), []
    try:
        *assignments, last = cut(text.split("#")[0], ";")
        for statement in assignments:
            name, expression = named(statement)
            names[name] = value_of(expression, names)
        for statement in cut(last, ","):
            y = value_of(named(statement)[1], names)
            outputs += y if hasattr(y, "_fields") else [y]
    finally:
        noise = None
    return [np.asarray(y, "int64" if type(y) is tuple else None) for y in outputs]
