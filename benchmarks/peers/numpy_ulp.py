#!/usr/bin/env python3
"""How far NumPy's functions of float32 are off, in units of the last place of the true result, which float64 gives.

The greatest error over 4 million arguments: half of them uniform over the range that the benchmark has, half of any
magnitude. Says which goals of bench_elementwise are for the fast mode: those of functions with more than 1 ULP.
"""

import numpy as np

HALF = 1 << 21
RANGES = {
    "exp": (-87, 88), "exp2": (-126, 126), "expm1": (-17, 88), "log": (0.01, 100), "log2": (0.01, 100),
    "log10": (0.01, 100), "log1p": (-0.999, 10), "sin": (-10, 10), "cos": (-10, 10), "tan": (-1.5, 1.5),
    "tanh": (-9, 9), "sinh": (-88, 88), "cosh": (-88, 88), "cbrt": (-10, 10), "arcsin": (-1, 1), "arccos": (-1, 1),
    "arctan": (-10, 10), "arcsinh": (-10, 10), "arccosh": (1, 100), "arctanh": (-1, 1),
    "power": (0.1, 10), "arctan2": (-3, 3), "hypot": (-3, 3),
}  # fmt: skip


def arguments(random, low, high):
    """Those of any magnitude are folded into the range."""
    uniform = random.uniform(low, high, HALF)
    wide = np.exp2(random.uniform(-40, 20, HALF)) * random.choice([-1, 1], HALF)
    return np.concatenate([uniform, np.where((wide > low) & (wide < high), wide, uniform)]).astype(np.float32)


def worst(name, random):
    f = getattr(np, name)
    x = [arguments(random, *RANGES[name]) for _ in range(f.nin)]
    if name == "power":
        x[1] = random.uniform(-4, 4, 2 * HALF).astype(np.float32)
    got, true = f(*x).astype(np.float64), f(*(a.astype(np.float64) for a in x))
    unit = np.spacing(np.abs(true).astype(np.float32)).astype(np.float64)
    return np.max(np.abs(got - true) / unit, where=np.isfinite(got) & np.isfinite(true), initial=0)


if __name__ == "__main__":
    np.seterr(all="ignore")
    print(f"NumPy {np.__version__}")
    for name in RANGES:
        print(f"{name:8} {worst(name, np.random.default_rng(1)):.2f}")
