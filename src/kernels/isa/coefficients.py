#!/usr/bin/env python3
"""The polynomial coefficients of log.h, exp.h, sin_cos.h, atan_asin.h, roots.h, power.h and single.h: minimax
polynomials by Remez exchange in mpmath.

log:  (log((1 + s) / (1 - s)) / s - 2) / z = L1 + L2 z + … + L8 z^7,  z = s², 0 ≤ z ≤ 0.2²; seven terms for other bases,
      z ≤ ((sqrt(2) - 1) / (sqrt(2) + 1))²
exp:  (exp(r) - 1 - r) / r² = E2 + E3 r + … + E12 r^10,  |r| ≤ log(2) / 2 (and a little)
sin:  (1 - sin(r) / r) / z = S1 + S2 z + … + S6 z^5,  z = r², |r| ≤ pi / 4 (and a little)
cos:  (cos(r) - 1 + z / 2) / z² = C1 + C2 z + … + C6 z^5
tan:  (tan(u) / u - 1) / z = T1 + T2 z + … + T9 z^8,  z = u², |u| ≤ pi / 8 (and a little)
atan: (1 - atan(r) / r) / z = A1 + A2 z + … + A11 z^10,  |r| ≤ tan(pi / 8)
asin: (asin(r) / r - 1) / z = A1 + A2 z + … + A13 z^12,  |r| ≤ 1/2
cbrt: s^(-1/3) = C0 + C1 s + C2 s² + C3 s³, s between 1.2085 and 1.451: x t³, where the bits of t are a constant less a
      third of those of x; the constant is the one that keeps s closest together
power: as log, of five terms, |s| ≤ 0.0241; and its table: for each sixteenth, by the bits of doubles, of the octave
       from 45/64 on a number of few bits near the inverse, and what that takes from the logarithm, in two parts
and shorter ones for floats, of single.h; log: (log(1 + f) - f) / f² = L2 + L3 f + … + L12 f^10,  -1/4 ≤ f ≤ 1/2

The error is weighed as it counts in the result. Each coefficient is rounded to double, highest power first, and the
ones below it are fitted again, so that the lower ones make up for the rounding of the higher ones; where the fit gets
lost in what is left over, rounding alone does better and is taken.
"""

import struct

from mpmath import mp, mpf, matrix, lu_solve, log, exp, sin, cos, tan, atan, asin, sqrt, pi, nstr, factorial, floor

mp.prec = 150


def remez(f, weight, low, high, n):
    """Coefficients c[0..n-1] with the least max |weight(x) (Σ c[j] x^j - f(x))| on [low, high], and that maximum."""
    x = [(low + high) / 2 - (high - low) / 2 * cos(pi * i / n) for i in range(n + 1)]
    for _ in range(12):
        a, b = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, p in enumerate(x):
            for j in range(n):
                a[i, j] = p**j
            a[i, n] = (-1) ** i / weight(p)
            b[i] = f(p)
        c = lu_solve(a, b)
        error = lambda p: weight(p) * (sum(c[j] * p**j for j in range(n)) - f(p))
        edges = [low] + [bisect(error, x[i], x[i + 1]) for i in range(n)] + [high]
        new = [peak(error, edges[i], edges[i + 1]) for i in range(n + 1)]
        done = max(abs(p - q) for p, q in zip(x, new)) < (high - low) * mpf(2) ** -30
        x = new
        if done:
            break
    return [c[j] for j in range(n)], max(abs(error(p)) for p in x)


def bisect(g, a, b):
    s = g(a) > 0
    for _ in range(60):
        m = (a + b) / 2
        a, b = (m, b) if (g(m) > 0) == s else (a, m)
    return (a + b) / 2


def peak(g, a, b):
    """Where |g| is greatest between two of its zeros (golden section)."""
    k = (mp.sqrt(5) - 1) / 2
    for _ in range(70):
        c, d = b - k * (b - a), a + k * (b - a)
        a, b = (a, d) if abs(g(c)) > abs(g(d)) else (c, b)
    return (a + b) / 2


def rounded(f, weight, low, high, n):
    """Coefficients that are doubles: refitted as above, or the minimax ones rounded where that is better."""
    grid = [low + (high - low) * i / 2000 for i in range(2001)]
    worst = lambda c: max(abs(weight(p) * (sum(v * p**k for k, v in enumerate(c)) - f(p))) for p in grid)
    fixed = {}
    for j in range(n - 1, -1, -1):
        rest = lambda p: f(p) - sum(v * p**k for k, v in fixed.items())
        c, _ = remez(rest, weight, low, high, j + 1)
        if j == n - 1:
            plain = [mpf(float(v)) for v in c]
        fixed[j] = mpf(float(c[j]))
    refitted = [fixed[j] for j in range(n)]
    return min(((c, worst(c)) for c in (refitted, plain)), key=lambda pair: pair[1])


def atanh_rest(z):
    if z < mpf(2) ** -40:
        return sum(mpf(2) / (2 * j + 3) * z**j for j in range(8))
    s = mp.sqrt(z)
    return (log((1 + s) / (1 - s)) / s - 2) / z


def exp_rest(r):
    if abs(r) < mpf(2) ** -30:
        return sum(r**j / factorial(j + 2) for j in range(8))
    return (exp(r) - 1 - r) / r**2


def series(f, terms):
    """f(z), from the series of its first terms where z is too small for f to be evaluated."""
    return lambda z: sum(mpf(c) * z**j for j, c in enumerate(terms)) if z < mpf(2) ** -40 else f(z)


sin_rest = series(lambda z: (1 - sin(sqrt(z)) / sqrt(z)) / z, [mpf(1) / 6, mpf(-1) / 120, mpf(1) / 5040])
cos_rest = series(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, [mpf(1) / 24, mpf(-1) / 720, mpf(1) / 40320])
cos_whole = series(lambda z: (cos(sqrt(z)) - 1) / z, [mpf(-1) / 2, mpf(1) / 24, mpf(-1) / 720])
tan_rest = series(lambda z: (tan(sqrt(z)) / sqrt(z) - 1) / z, [mpf(1) / 3, mpf(2) / 15, mpf(17) / 315])
atan_rest = series(lambda z: (1 - atan(sqrt(z)) / sqrt(z)) / z, [mpf(1) / 3, mpf(-1) / 5, mpf(1) / 7])
asin_rest = series(lambda z: (asin(sqrt(z)) / sqrt(z) - 1) / z, [mpf(1) / 6, mpf(3) / 40, mpf(15) / 336])


def log_rest(f):
    if abs(f) < mpf(2) ** -30:
        return mpf(-1) / 2 + f / 3 - f * f / 4
    return (log(1 + f) - f) / f**2


def power_table():
    """The inverses are such that m / c - 1 is exact, and that log(c) and log(m / c) do not cancel: 1 around 1."""
    rows = []
    for j in range(16):
        bits = struct.unpack("<Q", struct.pack("<d", 0.703125))[0]
        low, high = struct.unpack("<2d", struct.pack("<2Q", bits + (j << 48), bits + (j + 1 << 48)))
        grid = 1 if j in (8, 9) else 32 if j > 9 else 16
        off = lambda q: max(abs(low * q / grid - 1), abs(high * q / grid - 1))
        inverse = min(range(1, 2 * grid), key=off) / grid
        whole = -log(mpf(inverse))
        first = floor(whole * mpf(2) ** 42) / mpf(2) ** 42
        rows.append((inverse, float(first), float(whole - first)))
    for name, column in zip(("INVERSE", "HIGH", "LOW"), zip(*rows)):
        print(f"power_{name.lower()}: " + ", ".join(v.hex() for v in column))


def show(name, first, c, worst):
    print(f"{name}: error at most 2^{nstr(log(worst, 2), 5)}")
    for j, v in enumerate(c):
        print(f"#define {name}{j + first} {float(v).hex()}")


if __name__ == "__main__":
    show("LOG_", 1, *rounded(atanh_rest, lambda z: z if z > 0 else mpf(2) ** -60, mpf(2) ** -24, mpf("0.04"), 8))
    octave = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2 * (1 + mpf(2) ** -20)
    show("LOGB_", 1, *rounded(atanh_rest, lambda z: z if z > 0 else mpf(2) ** -60, mpf(2) ** -24, octave, 7))
    least, relative = mpf(2) ** -24, lambda z: z
    quarter, eighth = (pi / 4) ** 2 * (1 + mpf(2) ** -10), tan(pi / 8) ** 2 * (1 + mpf(2) ** -20)
    show("SIN_", 1, *rounded(sin_rest, relative, least, quarter, 6))
    show("COS_", 1, *rounded(cos_rest, lambda z: z**2 + mpf(2) ** -40, least, quarter, 6))
    show("TAN_", 1, *rounded(tan_rest, relative, least, (pi / 8) ** 2 * (1 + mpf(2) ** -10), 9))
    show("ATAN_", 1, *rounded(atan_rest, relative, least, eighth, 11))
    show("ASIN_", 1, *rounded(asin_rest, relative, least, mpf("0.25"), 13))
    inverse_root = lambda s: s ** (mpf(-1) / 3)
    show("CBRT_", 0, *rounded(inverse_root, lambda s: 1 / inverse_root(s), mpf("1.2085"), mpf("1.4510"), 4))
    print(f"#define CBRT_START {float(mpf(2) ** 54 / 3 + mpf(2) ** 32 * (mpf('0.0695') + 1364)).hex()}")
    show("POWER_", 1, *rounded(atanh_rest, lambda z: z / 2, mpf(2) ** -30, mpf("0.0241") ** 2, 5))
    power_table()
    half = log(2) / 2 * (1 + mpf(2) ** -12)
    show("EXP_", 2, *rounded(exp_rest, lambda r: r**2 / exp(r) + mpf(2) ** -10, -half, half, 11))
    show("SINF_", 1, *rounded(sin_rest, relative, least, quarter, 4))
    show("COSF_", 1, *rounded(cos_whole, relative, least, quarter, 4))
    show("LOGF_", 2, *rounded(log_rest, lambda f: abs(f) + mpf(2) ** -10, mpf("-0.2500001"), mpf("0.5000001"), 11))
    show("EXPF_", 2, *rounded(exp_rest, lambda r: r**2 / exp(r) + mpf(2) ** -10, -half, half, 6))
    show("ATANF_", 1, *rounded(atan_rest, relative, least, eighth, 6))
    show("ASINF_", 1, *rounded(asin_rest, relative, least, mpf("0.25"), 7))
    high = mp.floor(log(2) * mpf(2) ** 32) / mpf(2) ** 32
    print(f"#define LN2_HIGH {float(high).hex()}\n#define LN2_LOW {float(log(2) - high).hex()}")
    ten = floor(log(2) / log(10) * mpf(2) ** 33) / mpf(2) ** 33
    print(f"#define LOG10_2_HIGH {float(ten).hex()}\n#define LOG10_2_LOW {float(log(2) / log(10) - ten).hex()}")
    print(f"#define INVERSE_LN2 {float(1 / log(2)).hex()}")
