#!/usr/bin/env python3
"""The polynomial coefficients of the functions of floats in single precision (floats_*.h), by the Remez exchange of
coefficients.py.

exp:   (exp(r) - 1 - r) / r²,  |r| ≤ log(2) / 2 (and a little)
exp2:  (2^f - 1) / f,  |f| ≤ 1/2
log:   (log(1 + f) - f) / f²,  sqrt(1/2) - 1 ≤ f ≤ sqrt(2) - 1; log2 and log10 the same, with log(1 + f) and f scaled;
       for the fast mode log(1 + f) / f, scaled
sin:   (1 - sin(r) / r) / z,  z = r², |r| ≤ pi / 4 (and a little)
tan:   (tan(r) / r - 1) / z
cos:   (cos(r) - 1 + z / 2) / z²
asin:  (asin(r) / r - 1) / z,  |r| ≤ 1/2
atan:  (atan(r) / r - 1) / z,  |r| ≤ 1; atan2: |r| ≤ 1/2
sinh:  (sinh(r) / r - 1) / z,  cosh: (cosh(r) - 1) / z,  |r| ≤ log(2) / 2 (and a little)
erf:   erf(x) / x - 1, z = x², |x| ≤ 1; erfc: log2(erfc(7/8 + b) / erfc(7/8)) / b, 0 ≤ b ≤ 4 - 7/8
cbrt:  ((1 - e)^(-2/3) - 1) / e

Each coefficient is rounded to float, highest power first, and the ones below it are fitted again.
"""

import re
import struct

from mpmath import asin, atan, cos, cosh, erf, erfc, exp, log, mp, mpf, nstr, pi, sin, sinh, sqrt, tan

from coefficients import remez, series


def single(x):
    return mpf(struct.unpack("f", struct.pack("f", float(x)))[0])


def rounded(f, weight, low, high, n):
    """Coefficients that are floats, and the greatest error."""
    fixed = {}
    for j in range(n - 1, -1, -1):
        rest = lambda p: f(p) - sum(v * p**k for k, v in fixed.items())
        c, _ = remez(rest, weight, low, high, j + 1)
        if j == n - 1:
            plain = [single(v) for v in c]
        fixed[j] = single(c[j])
    grid = [low + (high - low) * i / 1000 for i in range(1001)]
    worst = lambda c: max(abs(weight(p) * (sum(v * p**k for k, v in enumerate(c)) - f(p))) for p in grid)
    return min(((c, worst(c)) for c in ([fixed[j] for j in range(n)], plain)), key=lambda pair: pair[1])


def near_zero(f, terms):
    """f(x), from the series of its first terms where x is too small for f to be evaluated."""
    return lambda x: sum(mpf(c) * x**j for j, c in enumerate(terms)) if abs(x) < mpf(2) ** -40 else f(x)


def odd(f, terms):
    """(f(r) / r - 1) / r² as a function of z = r²."""
    return series(lambda z: (f(sqrt(z)) / sqrt(z) - 1) / z, terms)


def log_to(base):
    scale = 1 / log(mpf(base)) if base else mpf(1)
    return near_zero(lambda f: scale * (log(1 + f) - f) / f**2, [-scale / 2, scale / 3, -scale / 4])


def show(name, c, worst):
    print(f"{name}: error at most 2^{nstr(log(worst, 2), 4)}")
    print("    " + ", ".join(re.sub("0{7}p", "p", float(v).hex()) + "f" for v in c))


if __name__ == "__main__":
    mp.prec = 150
    least, half = mpf(2) ** -24, log(2) / 2 * (1 + mpf(2) ** -12)
    relative, squared, by_x = lambda z: z, lambda z: z**2 + mpf(2) ** -40, lambda x: abs(x) + mpf(2) ** -10
    exp_rest = near_zero(lambda r: (exp(r) - 1 - r) / r**2, [mpf(1) / 2, mpf(1) / 6, mpf(1) / 24])
    show("exp", *rounded(exp_rest, lambda r: r**2 / exp(r) + mpf(2) ** -10, -half, half, 5))
    exp2_rest = near_zero(lambda f: (mpf(2) ** f - 1) / f, [log(2), log(2) ** 2 / 2, log(2) ** 3 / 6])
    show("exp2", *rounded(exp2_rest, by_x, mpf("-0.5"), mpf("0.5"), 7))
    show("sinh", *rounded(odd(sinh, [mpf(1) / 6, mpf(1) / 120, mpf(1) / 5040]), relative, least, half**2, 3))
    cosh_rest = series(lambda z: (cosh(sqrt(z)) - 1) / z, [mpf(1) / 2, mpf(1) / 24, mpf(1) / 720])
    show("cosh", *rounded(cosh_rest, relative, least, half**2, 3))
    low, high = sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1
    for name, base, n in (("log", 0, 10), ("log2", 2, 10), ("log10", 10, 9)):
        show(name, *rounded(log_to(base), by_x, low, high, n))
    for base in (2, 10):
        whole = lambda f: (log(1 + f) / f if abs(f) > mpf(2) ** -40 else 1 - f / 2) / log(mpf(base))
        show(f"log{base} fast", *rounded(whole, lambda f: log(mpf(base)) * (1 + f / 2), low, high, 9))
    eighth = (pi / 4 * (1 + mpf(2) ** -8)) ** 2
    minus_sin = odd(lambda r: 2 * r - sin(r), [mpf(1) / 6, mpf(-1) / 120, mpf(1) / 5040])
    show("sin", *rounded(minus_sin, relative, least, eighth, 3))
    cos_rest = series(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, [mpf(1) / 24, mpf(-1) / 720, mpf(1) / 40320])
    show("cos", *rounded(cos_rest, squared, least, eighth, 3))
    show("tan", *rounded(odd(tan, [mpf(1) / 3, mpf(2) / 15, mpf(17) / 315]), relative, least, eighth, 7))
    show("asin", *rounded(odd(asin, [mpf(1) / 6, mpf(3) / 40, mpf(15) / 336]), relative, least, mpf("0.25"), 5))
    atan_rest = odd(atan, [mpf(-1) / 3, mpf(1) / 5, mpf(-1) / 7])
    show("atan", *rounded(atan_rest, relative, least, mpf(1), 8))
    show("atan2", *rounded(atan_rest, relative, least, mpf("0.25"), 5))
    two = 2 / sqrt(pi)
    erf_rest = series(lambda z: erf(sqrt(z)) / sqrt(z) - 1, [two - 1, -two / 3, two / 10, -two / 42])
    show("erf", *rounded(erf_rest, lambda z: sqrt(z) / erf(sqrt(z)), least, mpf(1), 7))
    change = mpf("0.875")
    far = near_zero(lambda b: log(erfc(change + b) / erfc(change), 2) / b, [-two * exp(-(change**2)) / erfc(change) / log(2)])
    show("erfc", *rounded(far, lambda b: by_x(b) * log(2) * erfc(change + b), mpf(0), 4 - change, 6))
    cbrt_rest = near_zero(lambda e: ((1 - e) ** (mpf(-2) / 3) - 1) / e, [mpf(2) / 3, mpf(5) / 9, mpf(40) / 81])
    show("cbrt", *rounded(cbrt_rest, by_x, mpf("-0.1125"), mpf("0.1125"), 6))
