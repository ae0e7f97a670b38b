"""What each function of the catalogue gives, by NumPy 2, SciPy's definitions and mpmath.

Elementary functions and sums are computed in a wider type, mpmath's or fractions, and rounded once, so the values are
good to half an ULP; NumPy's own float32 and float64 results are not. What is exact or correctly rounded is NumPy's own.
float16 input is widened to float32 first, as Sheaf does, and where NumPy would give float16 or keep integers, the
result has Sheaf's documented dtype.
"""
from fractions import Fraction
import math
import mpmath
import numpy as np

mpmath.mp.prec = 300
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]
DTYPES = ["bool"] + INTS + FLOATS + COMPLEX
WIDE = {"float32": "float64", "float64": "longdouble", "complex64": "complex128", "complex128": "clongdouble"}
NARROW = {"complex64": "float32", "complex128": "float64"}


# ---- types ----

def widen16(x):
    return x.astype("float32") if x.dtype == np.float16 else x


def is_integer(x):
    return x.dtype.kind in "biu"


def as_float(x):
    """The dtype that elementary functions work in: FLOAT of ops/op.h."""
    x = widen16(x)
    if is_integer(x):
        return x.astype("float32" if x.dtype.itemsize <= 2 else "float64")
    return x


def as_mean(x):
    """The dtype of DIVIDE and MEAN."""
    x = widen16(x)
    return x.astype("float64") if is_integer(x) else x


def as_number(x):
    """SAME_INT: bool counts as int8."""
    x = widen16(x)
    return x.astype("int8") if x.dtype == bool else x


def wide(x):
    return x.astype(WIDE[x.dtype.name])


def real_name(dtype):
    return NARROW.get(dtype.name, dtype.name)


def together(*arrays):
    """In their common dtype."""
    arrays = [widen16(a) for a in arrays]
    dtype = np.result_type(*arrays)
    return [a.astype(dtype) for a in arrays]


def as_fraction(value):
    if isinstance(value, mpmath.mpf):
        negative, mantissa, exponent, _ = value._mpf_
        return Fraction(-mantissa if negative else mantissa) * Fraction(2) ** exponent
    return Fraction(value)


def nearest(value, dtype):
    """The float of this dtype nearest to a number, halves to even, subnormal or not."""
    digits, least, most = {"float32": (24, -149, 128), "float64": (53, -1074, 1024)}[dtype]
    if not isinstance(value, Fraction) and (value == 0 or not mpmath.isfinite(value)):
        return float(value)
    value = as_fraction(value)
    exponent = abs(value.numerator).bit_length() - value.denominator.bit_length()  # of value or one less
    unit = max(exponent + (abs(value) >= Fraction(2) ** exponent) - digits, least)
    whole = round(value / Fraction(2) ** unit)
    if abs(whole) >= 2 ** (most - unit):
        return math.copysign(math.inf, whole)
    return math.copysign(math.ldexp(abs(whole), unit), value)


# ---- elementwise, one input ----

def elementary(f, x):
    x = as_float(x)
    if f is np.sqrt and x.dtype.kind == "f":  # correctly rounded as it is; twice rounded, it would not be
        return f(x)
    return f(wide(x)).astype(x.dtype)


def log1p(x):
    """NumPy's own, of complex numbers, loses what 1 + x loses, in long double too."""
    y = elementary(np.log1p, x)
    for i, z in np.ndenumerate(y if y.dtype.kind == "c" else np.empty(0)):
        a = complex(x[i])
        if np.isfinite(a) and 0 < abs(a) < 0.5:
            re = mpmath.re(mpmath.log(1 + mpmath.mpc(a)))
            y[i] = complex(nearest(re, real_name(y.dtype)), z.imag)
    return y


def by_mpmath(f):
    def apply(x):
        x = as_float(x)
        y = np.empty_like(x)
        for i, value in np.ndenumerate(x):
            y[i] = nearest(f(float(value)), x.dtype.name)
        return y
    return apply


def whole(x):
    return x == math.floor(x)


def erf(x):
    return mpmath.erf(x) if x else x


def erfc(x):
    return mpmath.erfc(x) if x < 1000 else 0.0 if x >= 1000 else x


def gamma(x):
    if math.isnan(x) or x == -math.inf or (x < 0 and whole(x)):
        return math.nan
    if x == 0:
        return math.copysign(math.inf, x)
    if x > 200:
        return math.inf
    if x < -300:  # below the least subnormal, with the sign of its strip
        return -0.0 if math.floor(x) % 2 else 0.0
    return mpmath.gamma(x)


def lgamma(x):
    if math.isnan(x):
        return x
    if math.isinf(x) or (x <= 0 and whole(x)):
        return math.inf
    return mpmath.re(mpmath.loggamma(x)) if x > 0 else mpmath.log(mpmath.pi / abs(mpmath.sinpi(x))) - mpmath.re(
        mpmath.loggamma(1 - mpmath.mpf(x)))


def sigmoid(x):
    if math.isnan(x):
        return x
    if abs(x) > 2000:
        return 1.0 if x > 0 else 0.0
    return 1 / (1 + mpmath.exp(-mpmath.mpf(x)))


def sign(x):
    return np.sign(wide(x)).astype(x.dtype) if x.dtype.kind == "c" else np.sign(widen16(x))


def rounding(f):
    return lambda x: x if is_integer(x) else f(widen16(x))


def angle(x):
    return np.angle(wide(as_float(x))).astype(real_name(as_float(x).dtype))


UNARY = {
    "neg": lambda x: -widen16(x),
    "abs": lambda x: np.abs(wide(x)).astype(real_name(x.dtype)) if x.dtype.kind == "c" else np.abs(widen16(x)),
    "square": lambda x: np.square(wide(x)).astype(x.dtype) if x.dtype.kind == "c" else np.square(as_number(x)),
    "reciprocal": lambda x: (1 / wide(x)).astype(x.dtype) if x.dtype.kind == "c" else 1 / as_mean(x),
    "erf": by_mpmath(erf), "erfc": by_mpmath(erfc), "gamma": by_mpmath(gamma), "lgamma": by_mpmath(lgamma),
    "sigmoid": by_mpmath(sigmoid), "sign": sign, "angle": angle,
    "relu": lambda x: np.maximum(widen16(x), np.zeros((), widen16(x).dtype)),
    "floor": rounding(np.floor), "ceil": rounding(np.ceil), "trunc": rounding(np.trunc), "round": rounding(np.rint),
    "nan_to_num": lambda x: np.nan_to_num(widen16(x)),
    "real": lambda x: np.array(np.real(widen16(x))), "imag": lambda x: np.array(np.imag(widen16(x))),
    "conj": lambda x: np.conjugate(widen16(x)), "bitwise_not": np.invert,
}
for name in ("sqrt exp expm1 log log1p sin cos tanh cbrt exp2 log2 log10 tan asin acos atan sinh cosh asinh acosh "
             "atanh").split():
    UNARY[name] = lambda x, f=getattr(np, name): elementary(f, x)
UNARY["log1p"] = log1p
for name in "isnan isinf isfinite logical_not".split():
    UNARY[name] = getattr(np, name)
UNARY_KINDS = {"neg": "iufc", "cbrt": "biuf", "erf": "biuf", "erfc": "biuf", "gamma": "biuf", "lgamma": "biuf",
               "sigmoid": "biuf", "relu": "iuf", "sign": "iufc", "floor": "biuf", "ceil": "biuf", "trunc": "biuf",
               "conj": "iufc", "bitwise_not": "biu"}
FAST = "cbrt log log2 sin cos tan asin acos atan".split()  # those whose text promises something of it


def cast(name):
    """NumPy's, but that what an integer cannot hold gives its least value, and complex numbers their real parts."""
    def apply(x):
        if x.dtype.kind == "c" and name not in COMPLEX + ["bool"]:
            x = x.real
        if name not in INTS or x.dtype.kind != "f":
            return x.astype(name)
        info = np.iinfo(name)
        held = [int(v) if math.isfinite(v) and info.min <= int(v) <= info.max else info.min for v in x.ravel().tolist()]
        return np.array(held, name).reshape(x.shape)
    return apply


CASTS = {name: cast(name) for name in DTYPES}


# ---- elementwise, two inputs ----

def wider(f):
    """In a wider type for floats and complex, rounded once."""
    def apply(x, y):
        x, y = together(x, y)
        return f(wide(x), wide(y)).astype(x.dtype)
    return apply


def arithmetic(f):
    """Plain NumPy is exact or correctly rounded, but for complex numbers."""
    return lambda x, y: wider(f)(x, y) if np.result_type(x, y).kind == "c" else f(*together(x, y))


def divide(x, y):
    x, y = together(x, y)
    return arithmetic(np.divide)(as_mean(x), as_mean(y))


def power(x, y):
    x, y = together(x, y)
    return np.power(as_number(x), as_number(y)) if is_integer(x) else wider(np.power)(x, y)


def as_numbers(f):
    return lambda x, y: f(*(as_number(a) for a in together(x, y)))


def in_common(f):
    return lambda x, y: f(*together(x, y))


def floor_divide(x, y):
    """NumPy's rule for what is not finite; for the rest the quotient itself, rounded down, then to the dtype."""
    x, y = (as_number(a) for a in together(x, y))
    z = np.floor_divide(x, y)
    if is_integer(x):
        return z
    for i, (a, b) in enumerate(zip(*(v.ravel() for v in np.broadcast_arrays(x, y)))):
        if np.isfinite(a) and np.isfinite(b) and a != 0 and b != 0:
            z.reshape(-1)[i] = nearest(Fraction(math.floor(Fraction(float(a)) / Fraction(float(b)))), z.dtype.name)
    return z


def floating(f):
    """Of floats, in a wider type."""
    return lambda x, y: wider(f)(*(as_float(a) for a in together(x, y)))


BINARY = {"add": arithmetic(np.add), "sub": arithmetic(np.subtract), "mul": arithmetic(np.multiply), "div": divide,
          "pow": power, "minimum": in_common(np.minimum), "maximum": in_common(np.maximum),
          "floor_divide": floor_divide, "mod": as_numbers(np.remainder), "fmod": as_numbers(np.fmod),
          "hypot": floating(np.hypot), "atan2": floating(np.arctan2),
          "left_shift": as_numbers(np.left_shift), "right_shift": as_numbers(np.right_shift)}
COMPARISONS = "equal not_equal less less_equal greater greater_equal".split()
for name in COMPARISONS + "bitwise_and bitwise_or bitwise_xor".split():
    BINARY[name] = in_common(getattr(np, name))
for name in "logical_and logical_or logical_xor".split():
    BINARY[name] = getattr(np, name)
BINARY_KINDS = {"sub": "iufc", "floor_divide": "biuf", "mod": "biuf", "fmod": "biuf", "hypot": "biuf", "atan2": "biuf",
                "bitwise_and": "biu", "bitwise_or": "biu", "bitwise_xor": "biu", "left_shift": "biu",
                "right_shift": "biu"}


# ---- elementwise, three inputs ----

def where(x, y, z):
    return np.where(x.astype(bool), *together(y, z))


def clip(x, y, z):
    return np.clip(*together(x, y, z))


# ---- reductions: the output and, where terms may cancel, the sum of their magnitudes that the error is measured by ----

def each_row(f, x, axis, keepdims, dtype):
    """f of the reduced elements of each result."""
    axes = range(x.ndim) if axis is None else [a % x.ndim for a in np.atleast_1d(axis)]
    kept = [a for a in range(x.ndim) if a not in axes]
    shape = [x.shape[a] for a in kept]
    rows = np.transpose(x, kept + list(axes)).reshape(shape + [math.prod(x.shape[a] for a in axes)])
    y = np.empty(shape, dtype)
    for i in np.ndindex(*shape):
        y[i] = f(rows[i])
    return y.reshape([1 if a in axes else n for a, n in enumerate(x.shape)]) if keepdims else y


def exact_sum(row):
    dtype = "float64" if is_integer(row) else row.dtype.name
    values = row.tolist()
    if row.dtype.kind == "f" and not np.isfinite(row).all():
        return np.sum(row)
    return nearest(sum(map(Fraction, values), Fraction(0)), dtype)


def moment(order):
    def apply(row):
        if row.size == 0 or not np.isfinite(row).all():
            return math.nan
        values = [Fraction(v) for v in row.tolist()]
        mean = sum(values) / len(values)
        m2, mk = (sum((v - mean) ** k for v in values) / len(values) for k in (2, order))
        if m2 == 0:
            return math.nan
        m2, mk = (mpmath.mpf(m.numerator) / m.denominator for m in (m2, mk))
        return nearest(mk / m2 ** 1.5 if order == 3 else mk / m2 ** 2 - 3, row.dtype.name)
    return apply


def moment_scale(order):
    def apply(row):
        d = np.abs(row - row.mean()) if row.size else row
        return (d ** order).mean() / (d ** 2).mean() ** (order / 2) + (3 if order == 4 else 0) if row.size else 0
    return apply


def logsumexp(row):
    if np.isnan(row).any():
        return math.nan
    if row.size == 0 or np.isinf(row.max()):
        return row.max() if row.size else -math.inf
    top = float(row.max())
    return nearest(top + mpmath.log(sum(mpmath.exp(mpmath.mpf(v) - top) for v in row.tolist() if v > -math.inf)),
                   row.dtype.name)


def total(f, x, axis, keepdims, dtype, ddof=None):
    """f, one of NumPy's, in a wider type."""
    w = wide(as_mean(x))
    kw = {} if ddof is None else {"ddof": ddof}
    return np.asarray(f(w, axis=axis, keepdims=keepdims, **kw)).astype(dtype)


def magnitude(x, axis, keepdims, mean=False):
    size = np.abs(as_mean(x)).astype("float64")
    return np.asarray((np.nanmean if mean else np.nansum)(size, axis=axis, keepdims=keepdims))


def spread_weights(x, w, axis):
    """w over x's shape: one-dimensional along the only axis, as np.average has it, or broadcasting."""
    if w.ndim == 1 and isinstance(axis, int) and w.size == x.shape[axis]:
        shape = [1] * x.ndim
        shape[axis] = w.size
        w = w.reshape(shape)
    return np.broadcast_to(w, x.shape).astype("longdouble")


def weighted(name, x, w, axis, keepdims, ddof):
    x = as_mean(x)
    kw = {"axis": axis, "keepdims": True}
    v, w = wide(x), spread_weights(x, w, axis)
    mean = np.sum(w * v, **kw) / np.sum(w, **kw)
    y = mean if name == "mean" else np.sum(w * np.abs(v - mean) ** 2, **kw) / (np.sum(w, **kw) - ddof)
    if name == "std":
        y = np.sqrt(y)
    y = y if keepdims else np.squeeze(y, None if axis is None else axis)
    size = np.sum(w * np.abs(v), **kw) / np.sum(w, **kw)
    size = np.asarray(size if keepdims else np.squeeze(size, None if axis is None else axis)).astype("float64")
    if name == "var":  # equal elements differ from a mean that is rounded
        size = size ** 2 * np.finfo("float64").eps
    return [np.asarray(y).astype(x.dtype if name == "mean" else real_name(x.dtype))], size


REDUCTIONS = ("sum mean var std min max ptp argmin argmax any all count_nonzero norm stats fsum prod rms logsumexp skew "
              "kurtosis nansum nanmean nanvar nanstd nanmin nanmax nanargmin nanargmax").split()
REDUCTION_KINDS = {"ptp": "iufc", "stats": "biuf", "fsum": "biuf", "logsumexp": "biuf", "skew": "biuf",
                   "kurtosis": "biuf"}


def reduction(name, x, axis=None, keepdims=False, ddof=0):
    """The outputs, and the scale of the errors where it is not the result itself."""
    kw = {"axis": axis, "keepdims": keepdims}
    x = widen16(x)
    mean = as_mean(x)
    dtype, real = mean.dtype, real_name(mean.dtype)
    if name in ("sum", "prod", "nansum"):
        f = getattr(np, name)
        if is_integer(x):
            return [np.asarray(f(x, **kw))], None
        return [total(f, x, axis, keepdims, dtype)], None if name == "prod" else magnitude(x, axis, keepdims)
    if name in ("mean", "nanmean"):
        return [total(getattr(np, name), x, axis, keepdims, dtype)], magnitude(x, axis, keepdims, True)
    if name in ("var", "std", "nanvar", "nanstd"):
        y = total(getattr(np, name), x, axis, keepdims, "longdouble", ddof=ddof)
        top = np.finfo("float64").max ** np.longdouble(0.5 if "std" in name else 1)
        return [np.where(y > top, np.inf, y).astype(real)], None  # beyond it, the variance is infinite in float64
    if name in ("norm", "rms"):
        f = np.sum if name == "norm" else np.mean
        return [np.asarray(np.sqrt(f(np.abs(wide(mean)) ** 2, **kw))).astype(real)], None
    if name == "stats":
        least = np.asarray(np.min(x, **kw))
        count = np.full(least.shape, x.size // max(least.size, 1), "int64")
        (average,), scale = reduction("mean", x, axis, keepdims)
        return [count, average, reduction("std", x, axis, keepdims, ddof)[0][0], least, np.asarray(np.max(x, **kw))], \
            scale
    if name == "count_nonzero":
        return [np.asarray(np.count_nonzero(x, **kw), "int64")], None
    if name == "fsum":
        return [each_row(exact_sum, mean if not is_integer(x) else x, axis, keepdims, dtype)], None
    if name == "logsumexp":
        y = each_row(logsumexp, mean, axis, keepdims, dtype)
        return [y], np.maximum(1, np.abs(y)).astype("float64")
    if name in ("skew", "kurtosis"):
        order = 3 if name == "skew" else 4
        return [each_row(moment(order), mean, axis, keepdims, dtype)], \
            each_row(moment_scale(order), wide(mean), axis, keepdims, "float64")
    return [np.asarray(getattr(np, name)(x, **kw))], None


def trapz(x, axis, keepdims, h):
    x = as_mean(x)
    y = np.trapezoid(wide(x), dx=np.longdouble(h), axis=axis)
    scale = np.trapezoid(np.abs(wide(x)), dx=abs(h), axis=axis)
    y, scale = (np.expand_dims(v, axis) if keepdims else v for v in (y, scale))
    return [np.asarray(y).astype(x.dtype)], np.asarray(scale).astype("float64")


def dot(x, y, axis, keepdims):
    x, y = np.broadcast_arrays(*together(x, y))
    kw = {"axis": axis, "keepdims": keepdims} if x.ndim else {}
    if x.dtype == bool:
        return [np.asarray(np.any(x & y, **kw))], None
    if is_integer(x):
        return [np.asarray(np.sum(x * y, dtype=x.dtype, **kw))], None
    return [np.asarray(np.sum(wide(x) * wide(y), **kw)).astype(x.dtype)], \
        np.asarray(np.sum(np.abs(x).astype("float64") * np.abs(y), **kw))


# ---- along an axis ----

SCANS = {"cumsum": np.cumsum, "cumprod": np.cumprod, "cummin": np.minimum.accumulate, "cummax": np.maximum.accumulate}


def scan(name, x, axis):
    x = widen16(x)
    if axis is None:
        x, axis = x.ravel(), 0
    if name in ("cummin", "cummax") or is_integer(x):
        return [np.asarray(SCANS[name](x, axis=axis))], None
    scale = np.cumsum(np.abs(x).astype("float64"), axis=axis) if name == "cumsum" else None
    return [SCANS[name](wide(x), axis=axis).astype(x.dtype)], scale


def diff(x, axis, order):
    return np.diff(widen16(x), n=order, axis=axis)


def gradient(x, axis, h):
    x = as_mean(x)
    y = np.gradient(wide(x), np.longdouble(h), axis=axis).astype(x.dtype)
    size = np.abs(x).astype("float64") / abs(h)
    neighbours = np.pad(size, [(1, 1) if a == axis % x.ndim else (0, 0) for a in range(x.ndim)], mode="edge")
    take = [np.take(neighbours, np.arange(i, i + x.shape[axis]), axis=axis) for i in range(3)]
    return [y], np.maximum.reduce(take)


def rfft(x, axis):
    x = widen16(x)
    y = np.fft.rfft(wide(as_mean(x)), axis=axis).astype("complex64" if x.dtype == np.float32 else "complex128")
    return [y], np.full(y.shape, np.abs(y).max() if y.size else 0, "float64")


def matmul(x, y):
    x, y = together(x, y)
    if is_integer(x):
        return [np.asarray(np.matmul(x, y))], None
    return [np.asarray(np.matmul(wide(x), wide(y))).astype(x.dtype)], \
        np.asarray(np.matmul(np.abs(x).astype("float64"), np.abs(y).astype("float64")))
