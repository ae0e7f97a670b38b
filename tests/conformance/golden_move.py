#!/usr/bin/env python3
"""Golden cases of shape, movement and creation, by NumPy. Values are arbitrary: they are only moved."""
import numpy as np
from golden_writing import add_input, case, write

rng = np.random.default_rng(4)
DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
          "float64", "complex64", "complex128"]
SHAPES = {"s": (), "v": (7,), "m": (4, 6), "t": (2, 3, 4), "u": (1, 5, 1), "e": (0, 3), "q": (2, 1, 3, 2)}
arrays = {}


def give(name, a):
    arrays[name] = np.asarray(a)
    add_input(name, a)
    return name


for d in DTYPES:
    for s, shape in SHAPES.items():
        a = rng.integers(-90, 90, shape).astype("float64")
        if np.dtype(d).kind == "c":
            a = a + 1j * rng.integers(-90, 90, shape)
        if np.dtype(d).kind in "fc" and a.size > 2:
            a.ravel()[1] = np.nan
            a.ravel()[2] = -0.0
        give(f"{d}_{s}", (a % 2 if d == "bool" else np.abs(a) if d[0] == "u" else a).astype(d))


def one(function, f, name, **options):
    case(function, [name], [f(arrays[name])], **options)


def pairs(widths):
    return [w for pair in widths for w in pair]


for i, d in enumerate(DTYPES):
    few = d in ("float64", "int16", "complex128", "bool")
    for s, shape in SHAPES.items():
        name, n = f"{d}_{s}", len(shape)
        if not few and s not in "mt":
            continue
        one("transpose", np.transpose, name)
        one("ravel", np.ravel, name)
        one("squeeze", np.squeeze, name)
        one("flip", np.flip, name)
        one("reshape", lambda a: a.reshape(-1), name, shape=[-1])
        one("roll", lambda a: np.roll(a, 2), name, shift=[2])
        one("repeat", lambda a: np.repeat(a, 3), name, repeats=[3])
        one("tile", lambda a: np.tile(a, (2, 3)), name, repeats=[2, 3])
        one("tile", lambda a: np.tile(a, 4), name, repeats=[4])
        one("pad", lambda a: np.pad(a, (2, 1)), name, widths=[2, 1])
        for axis in range(n):
            one("flip", lambda a: np.flip(a, axis), name, axes=(axis - n,))
            one("moveaxis", lambda a: np.moveaxis(a, axis, -1), name, axes=(axis,), destination=[-1])
            one("roll", lambda a: np.roll(a, -3, axis), name, axes=(axis,), shift=[-3])
            one("repeat", lambda a: np.repeat(a, 2, axis), name, axes=(axis,), repeats=[2])
            one("repeat", lambda a: np.repeat(a, 5, axis), name, axes=(axis,), repeats=[5])
            for k in (1, shape[axis]):
                if k:
                    one("split", lambda a: np.stack(np.split(a, k, axis)), name, axes=(axis,), sections=k)
        if n >= 2:
            for k in (0, 1, -2, 9, -9):
                one("tril", lambda a: np.tril(a, k), name, k=k)
                one("triu", lambda a: np.triu(a, k), name, k=k)
        if n in (1, 2):
            for k in (0, 2, -1, 7, -7) if few else (1, -1):
                if n == 1 or -shape[0] <= k <= shape[1]:
                    one("diag", lambda a: np.diag(a, k), name, k=k)
    m, t, v = f"{d}_m", f"{d}_t", f"{d}_v"
    one("transpose", lambda a: a.transpose(2, 0, 1), t, axes=(2, 0, -2))
    one("transpose", lambda a: a.transpose(1, 0, 2), t, axes=(1, 0, 2))
    one("moveaxis", lambda a: np.moveaxis(a, (0, 2), (1, 0)), t, axes=(0, 2), destination=[1, 0])
    one("reshape", lambda a: a.reshape(3, -1, 2), t, shape=[3, -1, 2])
    one("reshape", lambda a: a.reshape(6, 4), m, shape=[6, 4])
    one("split", lambda a: np.stack(np.split(a, 2)), m, sections=2)
    one("roll", lambda a: np.roll(a, (1, -5), (0, 1)), m, axes=(0, 1), shift=[1, -5])
    one("roll", lambda a: np.roll(a, (1, 2), (1, 1)), m, axes=(1, 1), shift=[1, 2])
    one("roll", lambda a: np.roll(a, 4, (0, 2)), t, axes=(0, 2), shift=[4])
    for mode in ("edge", "reflect", "wrap"):
        one("pad", lambda a: np.pad(a, ((1, 2), (3, 0)), mode), m, mode=mode, widths=pairs(((1, 2), (3, 0))))
        one("pad", lambda a: np.pad(a, ((0, 0), (17, 23)), mode), m, mode=mode, widths=pairs(((0, 0), (17, 23))))
        one("pad", lambda a: np.pad(a, (5, 4), mode), t, mode=mode, widths=[5, 4])
    one("pad", lambda a: np.pad(a, ((1, 0), (0, 2)), constant_values=1), m, mode="constant", value=1,
        widths=pairs(((1, 0), (0, 2))))
    case("concat", [m, m], [np.concatenate([arrays[m]] * 2)])
    case("concat", [m, m, m], [np.concatenate([arrays[m]] * 3, 1)], axes=(-1,))
    case("concat", [m, f"{DTYPES[(i + 5) % 14]}_m"],
         [np.concatenate([arrays[m], arrays[f"{DTYPES[(i + 5) % 14]}_m"]])], axes=(0,))
    case("stack", [t, t], [np.stack([arrays[t]] * 2)])
    case("stack", [v, f"{DTYPES[(i + 3) % 14]}_v", v],
         [np.stack([arrays[v], arrays[f"{DTYPES[(i + 3) % 14]}_v"], arrays[v]], 1)], axes=(-1,))

one("pad", lambda a: np.pad(a, 7, "reflect"), "float64_u", mode="reflect", widths=[7, 7])
one("pad", lambda a: np.pad(a, ((0, 0), (2, 2)), "edge"), "float64_e", mode="edge", widths=[0, 0, 2, 2])
one("pad", lambda a: np.pad(a, 2, constant_values=np.nan), "float64_v", value=np.nan, widths=[2, 2])
one("squeeze", lambda a: a.squeeze(2), "float64_u", axes=(2,))
one("squeeze", lambda a: a.squeeze((0, 2)), "int16_u", axes=(0, -1))
one("repeat", lambda a: np.repeat(a, 0, 0), "float64_m", axes=(0,), repeats=[0])
one("tile", lambda a: np.tile(a, (0, 2)), "float64_m", repeats=[0, 2])
one("tile", lambda a: np.tile(a, (2, 1, 3, 2)), "float32_m", repeats=[2, 1, 3, 2])

# ---- take, compress ----
for d in ("int8", "int32", "int64", "uint8", "uint64"):
    low = 0 if d[0] == "u" else -3
    give(f"places_{d}", rng.integers(low, 3, (2, 3)).astype(d))
    give(f"place_{d}", np.array(2 if d[0] == "u" else -1, d))
    give(f"line_{d}", rng.integers(low, 3, 9).astype(d))
give("nowhere", np.array([], "int64"))
for d in DTYPES:
    for s in ("t", "m"):
        x = arrays[f"{d}_{s}"]
        for p in ("places_int64", "places_uint8", "place_int64", "line_int32", "nowhere"):
            case("take", [f"{d}_{s}", p], [np.take(x, arrays[p])])
        case("take", [f"{d}_{s}", "line_int8"], [np.take(x, arrays["line_int8"], 1)], axes=(1,))
        case("take", [f"{d}_{s}", "places_uint64"], [np.take(x, arrays["places_uint64"], -1)], axes=(-1,))
        case("take", [f"{d}_{s}", "line_int64"], [np.take(x, arrays["line_int64"], 1)], axes=(1,))
        mask = give(f"mask_{d}_{s}", rng.integers(0, 2, x.shape).astype("bool"))
        case("compress", [mask, f"{d}_{s}"], [x[arrays[mask]]])
        for axis in range(x.ndim):
            c = give(f"c{axis}_{d}_{s}", rng.integers(0, 3, x.shape[axis]).astype("int32"))
            case("compress", [c, f"{d}_{s}"], [np.compress(arrays[c], x, axis)], axes=(axis,))
        case("compress", [c, f"{d}_{s}"], [np.compress(arrays[c], x)])
give("never", np.zeros(7, bool))
give("short", np.array([True]))
case("compress", ["never", "float64_v"], [arrays["float64_v"][arrays["never"]]])
case("compress", ["short", "float64_m"], [np.compress([True], arrays["float64_m"], 1)], axes=(1,))
case("take", ["float64_s", "nowhere"], [np.take(arrays["float64_s"], arrays["nowhere"])])
case("take", ["float64_e", "line_int32"], [np.take(arrays["float64_e"], arrays["line_int32"], 1)], axes=(1,))

# ---- outer: products whose parts are small whole numbers are exact ----
for a, b in (("int16_v", "int8_m"), ("float32_v", "float32_v"), ("float64_m", "int32_v"), ("bool_v", "bool_m"),
             ("uint8_t", "uint8_v"), ("int64_s", "int64_v"), ("float64_e", "float64_v"), ("uint32_v", "uint64_v"),
             ("int64_v", "uint16_t"), ("float16_v", "float32_m"), ("uint16_q", "int8_v")):
    with np.errstate(all="ignore"):
        want = np.outer(arrays[a], arrays[b])
    case("outer", [a, b], [want])

# ---- creation ----
give("seven", np.array(7, "int32"))
give("z", np.array(1.5 - 2j, "complex64"))
give("h", np.array(0.1, "float16"))
for d in DTYPES:
    for shape in ((), (3,), (2, 0), (2, 3, 4)):
        size = {"shape": list(shape)} if shape else {}
        case("zeros", [], [np.zeros(shape, d)], dtype=d, **size)
        case("ones", [], [np.ones(shape, d)], dtype=d, **size)
        case("full", ["seven"], [np.full(shape, 7, d)], dtype=d, **size)
    for shape, k in (((4,), 0), ((3, 5), 1), ((5, 3), -2), ((3, 3), 4), ((0, 2), 0)):
        case("eye", [], [np.eye(shape[0], shape[-1], k, dtype=d)], dtype=d, k=k, shape=list(shape))
    if d != "bool":
        for start, stop, step in ((0, 10, 1), (3, 50, 7), (20, 1, -3), (1, 1, 1), (2, 1, 1), (1.5, 9, 1.25)):
            case("arange", [], [np.arange(start, stop, step, dtype=d)], start=start, stop=stop, step=step, dtype=d)
    for start, stop, num in ((0, 10, 11), (0, 7, 5), (9, 1, 4), (2, 2, 3), (1, 5, 1), (1, 5, 0)):
        case("linspace", [], [np.linspace(start, stop, num, dtype=d)], start=start, stop=stop, num=num, dtype=d)
case("zeros", [], [np.zeros((2, 2))], shape=[2, 2])
case("full", ["z"], [np.full((2, 2), arrays["z"])], shape=[2, 2])
case("full", ["h"], [np.full(3, arrays["h"])], shape=[3])
case("eye", [], [np.eye(3)], shape=[3])
case("linspace", [], [np.linspace(0, 1)], stop=1)
for start, stop, num in ((0, 1, 50), (-1e300, 1e300, 7), (0, 5e-324, 4), (0.1, 0.7, 101), (1e-320, 3e-320, 9), (-0.3, 1e8, 1000)):
    case("linspace", [], [np.linspace(start, stop, num)], start=start, stop=stop, num=num)
    case("linspace", [], [np.linspace(start, stop, num, dtype="float32")] if abs(stop) < 1e30 else
         [np.linspace(start, stop, num)], start=start, stop=stop, num=num,
         **({"dtype": "float32"} if abs(stop) < 1e30 else {}))
for start, stop, step in ((0, 1, 0.1), (0.1, 100, 0.3), (-5, 5, 0.7), (0, 1, np.inf), (3, 2, np.inf), (1e-3, 1e-2, 1e-5),
                          (0.1, 0.1000001, 1e-9)):
    case("arange", [], [np.arange(start, stop, step)], start=start, stop=stop, step=step)
    case("arange", [], [np.arange(start, stop, step, dtype="float32")], start=start, stop=stop, step=step, dtype="float32")
    if stop < 50:
        case("arange", [], [np.arange(start, stop, step, dtype="float16")], start=start, stop=stop, step=step, dtype="float16")
case("arange", [], [np.arange(-100, 100, 3, dtype="int8")], start=-100, stop=100, step=3, dtype="int8")
write("move")
