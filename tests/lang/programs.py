#!/usr/bin/env python3
"""Random programs in the function language, and what NumPy makes of them.

programs.py make DIR [-n N] [--seed S] [--shape R,C] [--coverage]
    writes inputs a.npy, b.npy, ..., DIR/programs.txt with one program a line, and I.K.npy: output K of program I
    (both from 0; a function with several outputs counts as several)
programs.py compare DIR [--most M]
    compares them with I.K.got.npy, or I.error, which holds a message; exits 1 when any differ
programs.py echo DIR [--noise S]
    writes NumPy's own results as got, to test compare: the same, or with other roundings
"""

import argparse
import glob
import os
import re
import sys

import numpy as np

import catalogue
from catalogue import ROWS, Discard, evaluate, is_weak

# Relative, of each element, for eight operations; for more in proportion.
RTOL = {"float64": 1e-12, "complex128": 1e-12, "float32": 1e-5, "complex64": 1e-5, "float16": 2e-3}
# Beyond it: so many times what other roundings make of the program, the most of some tries.
AMPLIFICATION, TRIES = 64, 7
SNAPS = (0.3, 0, 0, 1, 0, 0.3, 0.3)
# Programs whose results other roundings move by more, relative to the largest element, tell nothing.
CONDITION = {8: 1e-8, 4: 1e-3, 2: 1e-2}
DEEPEST, LARGEST = 8, 40000

BINARY = {"|": 2, "^": 3, "&": 4, "<<": 5, ">>": 5, "+": 6, "-": 6, "*": 7, "/": 7, "//": 7, "%": 7, "@": 7, "**": 9}
BINARY |= dict.fromkeys(["==", "!=", "<", "<=", ">", ">="], 1)
UNARY_LEVEL, ATOM = 8, 10

# {x} an array of at least one dimension, {y} another, {v} a vector, {m} at least a matrix, {n} any array, {s} that or a
# literal, {f} floats, {w} whole numbers from 0 on, {z} the first operand again, {x!} one before "." or "[". For the first
# operand: {M} a mask, {F} a mask of the first axis, {A} an axis, {R} axes and keepdims, {I} an index, {J} indices, {D} a
# divisor of its length. Numbers: {k} 1 to 4, {i} -3 to 3, {q} a share, {Q} several, {p} a percentage, {c} any.
TEMPLATES = """
sort({x}) | sort({x}, axis={A}) | argsort({x}, axis={A}) | partition({x}, k=0, axis={A}) | np.argpartition({x}, kth=-1)
topk({x}, {k}, axis={A}) | topk({x}, k=-{k}) | argtopk({x}, k={k}) | rank({x}, method='average') | rank({x}, axis={A})
rank({x}, method='dense') | cumsum({x}) | cumsum({x}, axis={A}) | cumprod({x}, axis={A}) | cummin({x}, axis={A})
cummax({x}) | {x!}.cumsum(axis={A}) | diff({x}) | diff({x}, axis={A}) | diff({x}, n=2) | np.diff({x}, n=1, axis={A})
gradient({x}) | gradient({x}, axis={A}, spacing=0.5) | rfft({x}) | abs(np.fft.rfft({x}, axis={A})) | median({n}{R})
quantile({n}, {q}{R}) | quantile({n}, {Q}) | quantile({x}, {q}, axis={A}, method='lower') | percentile({n}, {p}{R})
quantile({x}, q={Q}, axis={A}) | percentile({x}, {p}, method='nearest') | nanmedian({n}{R}) | nanquantile({n}, {q}{R})
nanpercentile({n}, {p}, method='midpoint') | searchsorted(sort(ravel({n})), {s}) | digitize({n}, [-1.5, 0, 0.5, 2])
searchsorted(sort({v}), {n}, side='right') | digitize({n}, bins=linspace(-3, 3, 7), right=True)
histogram({n}, bins=5, range=(-2, 2)) | histogram({n}, 8, range=(-4, 4)).counts | histogram({n}, bins=[-1, 0, 1, 2])[0]
unique({n}) | unique_counts({n}) | unique_counts({n}).counts | unique_all({n})[3] | unique_inverse({n})
nonzero({x}) | nonzero({x!} > {c}) | bincount({w}) | bincount({w}, minlength=20) | bincount({w}, weights={w})
transpose({n}) | {m!}.T | transpose({m}) | moveaxis({m}, 0, -1) | reshape({n}, (-1,)) | {n!}.reshape(1, -1) | ravel({n})
reshape({x}, (1, -1, 1)) | {x!}.ravel() | squeeze({n}) | flip({x}) | flip({x}, axis={A}) | split({x}, {D})
roll({x}, {i}) | np.roll({x}, {i}, axis={A}) | roll({x}, shift=2, axis={A}) | pad({x}, 2) | pad({x}, (1, 2), mode='edge')
pad({x}, 1, mode='constant', constant_values=7) | pad({x}, 1, mode='wrap') | tile({x}, 2) | tile({n}, (2, 1))
repeat({n}, {k}) | repeat({x}, 2, axis={A}) | concat([{x}, {x}]) | np.concatenate([{x}, {y}], axis={A}) | stack([{n}, {n}])
stack([{x}, {y}], axis=-1) | take({x}, [0, -1], axis={A}) | take({n}, 0) | take({x}, [[0, 0], [-1, 0]]) | diag({x})
compress(ravel({n}) > 0, ravel({z})) | np.compress({v} < 1, {z}) | tril({m}) | triu({m}, k=1) | outer({x}, {y}) | zeros((2, 3)) | ones(4, dtype=int32)
full((2, 2), {c}) | eye(3) | eye(3, k=1) | linspace(0, 1, 5) | arange(6) | arange(1, 3, 0.5) | zeros({x!}.shape)
moving_sum({x}, window=3) | moving_mean({x}, window={k}, axis={A}) | moving_min({x}, window=2) | moving_max({x}, {k})
moving_median({x}, window=3, min_count=1) | moving_var({x}, window=4) | moving_std({x}, window=4, ddof=1, axis={A})
moving_mean({x}, window=3, min_count=2, center=True) | ewm({x}, alpha=0.3) | ewm({x}, alpha=0.5, axis={A}, adjust=False)
lfilter([0.5, 0.25], [1, -0.25], {x}) | lfilter([1, 0.5], [2.0], {x}, axis={A}) | interp({n}, [-2, 0, 1, 3], [1, 0, 5, -1])
interp({n}, linspace(-5, 5, 11), arange(11) ** 2) | convolve({x}, [1, 2, 1]) | convolve({x}, [0.25, 0.5], mode='same')
np.convolve({v}, [1, -1], mode='valid') | correlate({x}, [1, 0, -1], mode='full') | correlate({x}, [0.5, 1])
convolve2d({m}, [[1, 2], [0, 1]]) | correlate2d({m}, [[0, 1, 0], [1, 2, 1], [0, 1, 0]], mode='same')
stencil({x}, [1, -2, 1]) | stencil({m}, [[0.0, 1, 0], [1, -4, 1], [0, 1, 0]], mode='wrap')
stencil({x}, [0.5, 0.25, 0.25], mode='nearest') | stencil({x}, [1, 1, 1], mode='constant', value=2) | dot({v}, {v})
dot({x}, {x}, axis={A}) | trapz({x}) | trapz({x}, spacing=0.1) | np.trapezoid({x}, axis={A}) | stats({n}) | stats({n}).std
stats({x}, axis={A}).mean | stats({n})[3] | mean({f}, weights=abs({f}) + 1) | where({M}, {x}, {s}) | clip({n}, {c}, 2.5)
where({n}, {s}, {s}) | where(isnan({f}), 0, {f}) | {n!}.clip(-1, 1) | np.where({M}, {x}, nan) | {n!}.astype(float64)
{n!}.astype(float32) | float32({n}) | float64({n}) | complex128({n}) | complex64({n}) | {n!}.real | {n!}.imag
{f!}.isnan() | {n!}.sum() | {x!}.mean(axis={A}) | {x!}.max({A}) | {n!}.abs() | {n!}.std(ddof=1)
{x!}[{I}] | {x!}[{J}] | {x!}[{J}] | {x!}[{J}] | {x!}[{M}] | {x!}[{M}] | {x!}[{F}] | {n!}[...] | {n!}[newaxis]
{n!}[None, ..., newaxis] | {x!}[{M}].mean() | {x!}[isfinite({z})].sum() | {x!}[[0, -1]] | {m!}[:, [0, 0, -1]] | {x!}[argmax({v})]
{n!} * {x!}.shape[-1] | {n!} + {n!}.size | {n!} / {n!}.ndim | {n!}.size | {n!}.shape | {x!}[::-1] | {m!}[:, 0] | {x!}[..., 0] | {m!}[..., ::2]
""".replace("\n", " | ")
TEMPLATES = [t.strip() for t in TEMPLATES.split(" | ") if t.strip()]
WORDS = ["{0}({n})", "{0}({n})", "np.{0}({n})", "{0}({s})"]
TWO = ["{0}({n}, {s})", "{0}({s}, {n})", "{0}({n}, {n})", "np.{0}({n}, {s})"]
LITERALS = "0 1 2 3 5 10 0.5 0.25 1.5 2.0 1e-3 1e2 .75 3. pi inf True False 2j 1.5j 7 100".split()
VARIABLES = "y z mu sd res dev lo hi tmp t1 t2 u v w r s x0 _k".split()
NAMES = "abcdefghijklmnop"


def random_inputs(rng, rows, columns):
    """Several dtypes and shapes that broadcast together; NaN and infinities in d and f."""
    normal, whole = rng.standard_normal, rng.integers
    made = [
        normal((rows, columns)),
        normal((rows, columns)).astype("float32") * 3,
        normal(columns),
        normal((3, rows, columns)),
        whole(-50, 50, (rows, columns)),
        normal(4 * columns).astype("float32"),
        whole(-9, 10, columns).astype("int32"),
        whole(0, 100, (rows, columns)).astype("uint8"),
        rng.random((rows, columns)) < 0.5,
        normal((rows, columns)) + 1j * normal((rows, columns)),
        np.array(normal()),
        normal((rows, 1)).astype("float32"),
        rng.random(columns) < 0.6,
        whole(0, 12, 6 * columns).astype("uint8"),
        normal((columns, rows)),
        whole(-3, 4, (3, 1, columns)),
    ]
    for x, values in ((made[3], [np.nan, np.inf, -np.inf]), (made[5], [np.nan])):
        x.flat[rng.integers(0, x.size, x.size // 12 + 1) if x.size else []] = rng.choice(values)
    return dict(zip(NAMES, made))


class Node:
    def __init__(self, text, level, value, operands=(), varies=None):
        self.text, self.level, self.value, self.operands, self.varies = text, level, value, operands, varies
        self.depth = 1 + max((o.depth for o in operands), default=-1)
        self.count = sum(o.count for o in operands) + 1 if operands else 0

    @property
    def ndim(self):
        return -1 if self.weak or isinstance(self.value, tuple) else np.ndim(self.value)

    @property
    def weak(self):
        return is_weak(self.value)


def is_small(x):
    return x.min() >= 0 and x.max() < 1000


def sound(y):
    """Whether a value is one that both must agree about."""
    if isinstance(y, tuple):
        return all(sound(v) for v in y)
    if is_weak(y):
        return abs(y) < 1e6 or y != y or y in (np.inf, -np.inf)
    if y.dtype.name not in NUMBERS or y.size > LARGEST:
        return False
    if y.dtype.kind in "fc":
        size = np.abs(y)
        finite = np.isfinite(size)
        edge = 1e100 if y.dtype.name in ("float64", "complex128") else 1e16
        if np.any((size[finite] > edge) | ((size[finite] < 1 / edge) & (size[finite] > 0))):
            return False
        return y.dtype.kind == "f" or bool(np.all(finite))
    return True


NUMBERS = {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16"} | set(RTOL)


class Maker:
    """One program: nodes are made from nodes, and looked at at once."""

    def __init__(self, rng, inputs):
        self.rng, self.inputs = rng, inputs
        self.leaves = [Node(name, ATOM, x[()]) for name, x in inputs.items()]
        self.made = []

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, things):
        return things[self.rng.integers(len(things))]

    def literal(self):
        text = self.pick(LITERALS)
        if self.chance(0.2) and text not in ("True", "False"):
            text = "-" + text
        return Node(text, UNARY_LEVEL if text[0] == "-" else ATOM, catalogue.value_of(text, {}))

    def operand(self, fits):
        """A node that fits, a recent one rather than an input."""
        if self.made and self.chance(0.75):
            recent = self.made[-1 - min(int(self.rng.exponential(1.2)), len(self.made) - 1)]
            if recent.depth < DEEPEST and fits(recent):
                return recent
        fitting = [n for n in self.leaves if fits(n)]
        if not fitting:
            raise Discard
        return self.pick(fitting)

    def kind(self, token):
        return {
            "x": lambda n: n.ndim >= 1,
            "y": lambda n: n.ndim >= 1,
            "v": lambda n: n.ndim == 1,
            "m": lambda n: n.ndim >= 2,
            "n": lambda n: n.ndim >= 0,
            "s": lambda n: n.ndim >= 0,
            "f": lambda n: n.ndim >= 0 and n.value.dtype.kind == "f",
            "w": lambda n: n.ndim >= 1 and n.value.dtype.kind in "iu" and n.value.size and is_small(n.value),
        }[token]

    def axis(self, ndim):
        if ndim < 1:
            raise Discard
        return int(self.rng.integers(-ndim, ndim))

    def options(self, first, words):
        """What a reduction takes."""
        text = ""
        if "axis" in words and self.chance(0.6) and first.ndim > 0:
            text += f", axis={self.axis(first.ndim)}"
            if first.ndim > 1 and self.chance(0.25):
                text = ", axis=(0, -1)"
        if "keepdims" in words and self.chance(0.3):
            text += ", keepdims=True"
        if "ddof" in words and self.chance(0.4):
            text += f", ddof={self.pick(['1', '0', '0.5'])}"
        return text

    def slice_text(self, n):
        number = lambda: "" if self.chance(0.4) else str(self.rng.integers(-n - 1, n + 2))
        step = self.pick(["", "", "", ":", ":2", ":-1", ":-2", ":3"])
        return f"{number()}:{number()}{step}"

    def indices(self, shape):
        texts = []
        for n in shape[: self.rng.integers(1, len(shape) + 1)]:
            texts.append(str(self.rng.integers(-n, n)) if n and self.chance(0.3) else self.slice_text(n))
            if self.chance(0.08):
                texts.append("newaxis")
        if self.chance(0.15):
            texts.insert(0 if len([t for t in texts if t != "newaxis"]) == len(shape) else len(texts), "...")
        return ", ".join(texts)

    def mask(self, first, whole):
        """A condition on the first operand, or on a boolean input of its shape."""
        shape = first.value.shape if whole else first.value.shape[:1]
        same = [n for n in self.leaves if n.value.dtype == bool and n.value.shape == shape]
        if same and not first.varies and self.chance(0.5):
            return "{0}", [self.pick(same)]
        if not whole and first.ndim > 1:
            return "{0}[:, 0] " + self.pick(["> 0", "!= 0"]), [first] if first.ndim == 2 else self.refuse()
        return self.pick(["{0} > 0", "{0} < 1.5", "abs({0}) > 0.5", "~({0} > 1)", "({0} > -1) & ({0} < 1)"]), [first]

    def refuse(self):
        raise Discard

    def number(self, token, first):
        rng = self.rng
        if token == "A":
            return str(self.axis(first.ndim))
        if token == "R":
            return self.options(first, ["axis", "keepdims"])
        if token in "IJ":
            return self.slice_text(first.value.shape[0]) if token == "I" else self.indices(first.value.shape)
        if token == "D":
            n = first.value.shape[0]
            return str(self.pick([d for d in range(1, n + 1) if n % d == 0] or [1]))
        return {
            "k": lambda: str(rng.integers(1, 5)),
            "i": lambda: str(rng.integers(-3, 4)),
            "q": lambda: self.pick(["0.5", "0.25", "0.05", "1", "0", "0.9"]),
            "Q": lambda: self.pick(["[0.05, 0.95]", "[0, 0.5, 1]", "[0.3]"]),
            "p": lambda: self.pick(["50", "2.5", "90", "[10, 90]"]),
            "c": lambda: self.pick(["0.5", "-1", "0", "1.25", "2"]),
        }[token]()

    def template(self, text):
        """The node of a template: its text holds {0}, {1}, ... for operands, with ! where they must be atoms."""
        operands, atoms, first = [], [], None

        def operand(node, atom):
            operands.append(node)
            atoms.append(atom)
            return f"\0{len(operands) - 1}\0"

        def fill(m):
            nonlocal first
            token, atom = m[1], bool(m[2])
            if token in "MF":
                condition, of = self.mask(first, token == "M")
                places = re.sub(r"\{0\}", lambda _: operand(of[0], True), condition)
                return places
            if token == "z":
                return operand(first, atom)
            if token in "xyvmnsfw":
                if token == "s" and self.chance(0.4):
                    node = self.literal()
                elif token in "xnfv" and first is not None and self.kind(token)(first) and self.chance(0.5):
                    node = first
                else:
                    node = self.operand(self.kind(token))
                first = first or node
                return operand(node, atom)
            return self.number(token, first)

        text = re.sub(r"\{([a-zA-Z])(!?)\}", fill, text)
        level = 1 if re.search(r"\0 [*/+] ", text) else ATOM
        return self.node(text, level, operands, [ATOM if a else 1 for a in atoms])

    def node(self, text, level, operands, levels):
        """text has \\0i\\0 for operand i, which binds at least as close as levels[i]."""
        if max((o.depth for o in operands), default=0) >= DEEPEST:
            raise Discard
        names = {f"_{i}": o.value for i, o in enumerate(operands)}
        value = catalogue.value_of(re.sub("\0(\\d+)\0", r"(_\1)", text), names)
        if type(value) is tuple and not all(type(v) is int for v in value):
            raise Discard
        listed = type(value) is tuple
        if listed:
            value = np.asarray(value, "int64")
        elif not (is_weak(value) or hasattr(value, "dtype") or hasattr(value, "_fields")):
            raise Discard
        if not sound(value):
            raise Discard
        node = Node(text, level, value, tuple(operands))
        node.levels = levels
        node.end = listed or isinstance(value, tuple) or getattr(value, "dtype", None) == np.float16
        node.varies = self.variation(text, operands, value)
        return node

    def variation(self, text, operands, value):
        """Whose data decides on the shape; two such may not meet, nor one and an array of fixed shape."""
        sources = {o.varies for o in operands if o.varies}
        fixed = any(not o.varies and o.ndim > 0 for o in operands)
        selects = re.search(r"unique|nonzero|bincount|compress|\[[^]]*\0.*[<>~!=&]|\[\0\d+\0\]|\[isfinite", text)
        sized = re.search(r"size|shape|\[\0|split|stencil|lfilter|onvolve|corr|pad| @ ", text)
        if sources and (len(sources) > 1 or fixed or sized):
            raise Discard
        if isinstance(value, tuple):
            return bool(selects) and object()
        if np.ndim(value) == 0:
            return None
        if selects:
            return object()
        kept = re.fullmatch(r"\w+\(\0\d\0\)|\0\d\0 \S+ \0\d\0", text)
        return (sources.pop() if kept else object()) if sources else None

    def operator(self):
        symbol = self.pick(list(BINARY))
        level = BINARY[symbol]
        left = self.literal() if self.chance(0.15) else self.operand(self.kind("n"))
        right = self.literal() if self.chance(0.4) else self.operand(self.kind("n"))
        levels = [ATOM, UNARY_LEVEL] if symbol == "**" else [level + (level == 1), level + 1]
        if symbol == "**" and right.weak and self.chance(0.7):
            text = self.pick(["2", "0.5", "3", "-1", "2.0"])
            right = Node(text, UNARY_LEVEL if text == "-1" else ATOM, catalogue.value_of(text, {}))
        return self.node(f"\0000\0 {symbol} \0001\0", level, [left, right], levels)

    def step(self):
        turn = self.rng.random()
        if turn < 0.3:
            return self.operator()
        if turn < 0.36:
            return self.node(self.pick("-~+-") + "\0000\0", UNARY_LEVEL, [self.operand(self.kind("n"))], [UNARY_LEVEL])
        if turn < 0.62:
            row = self.pick(ONE_INPUT)
            word = self.pick([row.name, row.name, *row.aliases])
            text = self.pick(WORDS).replace("{0}", word)
            if row.kind == "REDUCE":
                node = self.operand(self.kind("n"))
                return self.node(f"{word}(\0000\0{self.options(node, row.options)})", ATOM, [node], [1])
            return self.template(text)
        if turn < 0.7:
            row = self.pick(TWO_INPUTS)
            return self.template(self.pick(TWO).replace("{0}", self.pick([row.name, *row.aliases])))
        return self.template(self.pick(TEMPLATES))

    def grow(self):
        wanted, most = int(self.rng.integers(1, 13)), 0
        for _ in range(6 * wanted):
            try:
                node = self.step()
            except (Discard, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, MemoryError):
                continue
            if node.count > 12:
                continue
            if node.end:
                self.ends.append(node)
                continue
            self.made.append(node)
            most = max(most, node.count)
            if most >= wanted:
                break

    def program(self):
        self.made, self.ends = [], []
        self.grow()
        if not self.made and not self.ends:
            return None
        outputs = [max(self.made, key=lambda n: n.count)] if self.made else []
        for nodes, p in ((self.made, 0.35), (self.made, 0.2), (self.ends, 0.5)):
            if nodes and (self.chance(p) or not outputs):
                node = self.pick(nodes)
                outputs += [node] if node not in outputs or self.chance(0.1) else []
        if self.chance(0.04):
            outputs.append(self.literal())
        return self.write(outputs)

    def write(self, outputs):
        uses, order = {}, []

        def visit(node):
            uses[node] = uses.get(node, 0) + 1
            if uses[node] == 1:
                for o in node.operands:
                    visit(o)
                order.append(node)

        for node in outputs:
            visit(node)
        free = [str(v) for v in self.rng.permutation(VARIABLES)]
        names, lines = {}, []

        def operand(node, level):
            if node in names:
                return names[node]
            text, own = expression(node), node.level
            literal = not node.operands and node.weak
            return f"({text})" if own < level or (literal and level == ATOM) else text

        def expression(node):
            return re.sub("\0(\\d+)\0", lambda m: operand(node.operands[int(m[1])], node.levels[int(m[1])]), node.text)

        for node in order:
            often = uses[node] > 1 and self.chance(0.8)
            if node.operands and node not in outputs and free and not node.end and (often or self.chance(0.1)):
                lines.append(f"{free[-1]} = {expression(node)}; ")
                names[node] = free.pop()
        shown = []
        for k, node in enumerate(outputs):
            text = operand(node, 0)
            twice = text.lstrip("+") in [t.lstrip("+") for t in shown]
            shown.append(f"out{k}={text}" if twice or self.chance(0.25) else text)
        text = "".join(lines) + ", ".join(shown)
        if self.chance(0.05):
            text = re.sub(r" ([-+*/<>=&|]+) ", r"\1", text)
        return text + ("  # a comment; with, (all" if self.chance(0.03) else "")


ONE_INPUT = [r for r in ROWS.values() if r.nin == "1" and r.kind in ("UNARY", "CAST", "REDUCE") and r.name != "stats"]
TWO_INPUTS = [r for r in ROWS.values() if r.nin == "2" and r.kind == "BINARY"]


def alike(want, other):
    """Whether other roundings leave everything as it is but for a little."""
    if want.dtype != other.dtype or want.shape != other.shape:
        return False
    if want.dtype.kind not in "fc":
        return np.array_equal(want, other)
    finite = np.isfinite(want)
    if not np.array_equal(finite, np.isfinite(other)):
        return False
    if not np.array_equal(want[~finite], other[~finite], equal_nan=True):
        return False
    largest = np.max(np.abs(want[finite]), initial=0)
    real = want.real.dtype
    return np.max(np.abs(want[finite] - other[finite]), initial=0) <= CONDITION[real.itemsize] * largest


def stable(text, inputs, wants, rng):
    try:
        return all(
            len(others) == len(wants) and all(map(alike, wants, others))
            for others in (evaluate(text, inputs, rng, snap) for snap in SNAPS)
        )
    except (Discard, ValueError, IndexError, ZeroDivisionError, OverflowError):
        return False


def make(args):
    rng = np.random.default_rng(args.seed)
    rows, columns = (int(n) for n in args.shape.split(","))
    inputs = random_inputs(rng, rows, columns)
    os.makedirs(args.directory, exist_ok=True)
    for path in glob.glob(os.path.join(args.directory, "*")):
        if re.fullmatch(r"[a-z]\.npy|\d+\.\d+(\.got)?\.npy|\d+\.error|programs\.txt", os.path.basename(path)):
            os.remove(path)
    for name, x in inputs.items():
        np.save(os.path.join(args.directory, name + ".npy"), x)
    maker, texts, tried = Maker(rng, inputs), [], 0
    coverage = catalogue.collections.Counter()
    while len(texts) < args.n:
        tried += 1
        text = maker.program()
        if text is None or len(text) > 1000:
            continue
        catalogue.used.clear()
        try:
            wants = evaluate(text, inputs)
        except Discard:  # what was put together means something else as a text: a < b < c
            continue
        found = list(catalogue.used)
        if not all(map(sound, wants)) or not stable(text, inputs, wants, rng):
            continue
        for k, y in enumerate(wants):
            np.save(os.path.join(args.directory, f"{len(texts)}.{k}.npy"), y)
        texts.append(text)
        coverage.update(found)
    with open(os.path.join(args.directory, "programs.txt"), "w") as file:
        file.writelines(text + "\n" for text in texts)
    print(f"{len(texts)} programs of {tried} tried, {len(coverage)} of {len(ROWS)} functions")
    if args.coverage:
        print("\n".join(f"{count:6} {name}" for name, count in coverage.most_common()))
        print("never:", *sorted(set(ROWS) - set(coverage)))


def read(directory):
    """The inputs, the programs, and the expected outputs of each."""
    inputs = {name: np.load(path) for name in NAMES if os.path.exists(path := os.path.join(directory, name + ".npy"))}
    with open(os.path.join(directory, "programs.txt")) as file:
        return inputs, file.read().splitlines()


def expected(directory, i):
    k = 0
    while os.path.exists(path := os.path.join(directory, f"{i}.{k}.npy")):
        yield np.load(path)
        k += 1


def near(want, got, text, room):
    """Element by element; room: what is allowed besides."""
    if want.dtype.kind not in "fc":
        return want == got
    operations = len(re.findall(r"[(+*/@%-]", text))
    limit = RTOL[want.dtype.name] * max(1, operations / 8) * np.abs(want) + np.finfo(want.dtype).tiny + room
    return (want == got) | (np.isnan(want) & np.isnan(got)) | (np.isfinite(want) & (np.abs(want - got) <= limit))


def rooms(text, inputs, wants):
    """How far other roundings move each element of each output."""
    room = [np.zeros(y.shape) for y in wants]
    for seed in range(TRIES):
        try:
            others = evaluate(text, inputs, np.random.default_rng(seed))
        except Exception:
            continue
        for k, (want, other) in enumerate(zip(wants, others)):
            if want.dtype.kind in "fc" and want.shape == other.shape:
                moved = np.abs(want - other)
                room[k] = np.maximum(room[k], np.where(np.isfinite(moved), moved, 0))
    return [AMPLIFICATION * r for r in room]


def differences(directory, i, text, inputs):
    """What is wrong with program i; None: nothing."""
    error = os.path.join(directory, f"{i}.error")
    if os.path.exists(error):
        return open(error).read().strip()
    wants, room = list(expected(directory, i)), None
    if os.path.exists(os.path.join(directory, f"{i}.{len(wants)}.got.npy")):
        return f"more than {len(wants)} outputs"
    for k, want in enumerate(wants):
        path = os.path.join(directory, f"{i}.{k}.got.npy")
        if not os.path.exists(path):
            return f"no output {k}"
        got = np.load(path)
        if got.dtype != want.dtype or got.shape != want.shape:
            return f"output {k} is {got.dtype} {got.shape}, NumPy's {want.dtype} {want.shape}"
        if np.all(near(want, got, text, 0)):
            continue
        room = room or rooms(text, inputs, wants)
        good = near(want, got, text, room[k])
        if not np.all(good):
            at = tuple(int(j) for j in np.argwhere(~good)[0])
            wrong = f"{np.sum(~good)} of {want.size} elements"
            return f"output {k}{list(at) if at else ''}: {got[at]!r}, NumPy's {want[at]!r} ({wrong})"
    return None


def compare(args):
    inputs, texts = read(args.directory)
    failed = 0
    for i, text in enumerate(texts):
        wrong = differences(args.directory, i, text, inputs)
        if wrong:
            failed += 1
            if failed <= args.most:
                print(f"{i}: {text}\n    {wrong}")
    print(f"{len(texts)} programs, {failed} differ from NumPy")
    return failed > 0


def echo(args):
    inputs, texts = read(args.directory)
    for i, text in enumerate(texts):
        rng = None if args.noise is None else np.random.default_rng([args.noise, i])
        for k, y in enumerate(evaluate(text, inputs, rng, 0.3) if rng else expected(args.directory, i)):
            np.save(os.path.join(args.directory, f"{i}.{k}.got.npy"), y)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["make", "compare", "echo"])
    parser.add_argument("directory")
    parser.add_argument("-n", type=int, default=1000, help="programs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shape", default="5,7", help="of the matrices among the inputs")
    parser.add_argument("--coverage", action="store_true", help="how many programs use each function")
    parser.add_argument("--most", type=int, default=50, help="mismatches to print")
    parser.add_argument("--noise", type=int, help="seed of other roundings")
    args = parser.parse_args()
    return {"make": make, "compare": compare, "echo": echo}[args.what](args)


sys.exit(main())
