"""Every function over sizes, beside NumPy: bench_sweep."""

import math

from text import duration, side, table


def ratio(case):
    return case["goals"][0]["value"]


def losses(cases):
    rows = []
    for case in sorted((c for c in cases if ratio(c) < 1), key=ratio):
        _, work, size = case["name"].split("/")
        ours, theirs = (duration(side(case, name)["median"]) for name in ("sheaf", "NumPy"))
        rows.append([work, f"{int(size):,}", ours, theirs, f"{ratio(case):.2f}"])
    return table(["slower than NumPy", "elements", "sheaf", "NumPy", "NumPy ÷ sheaf"], rows)


def by_size(cases):
    sizes = {}
    for case in cases:
        sizes.setdefault(int(case["name"].split("/")[2]), []).append(ratio(case))
    rows = []
    for size, ratios in sizes.items():
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        rows.append([f"{size:,}", str(len(ratios)), f"{mean:.2f}", f"{min(ratios):.2f}", str(sum(r < 1 for r in ratios))])
    return table(["elements", "functions", "NumPy ÷ sheaf, geometric mean", "least", "slower"], rows)


def sections(data, cases):
    compared = [c for c in cases if c["goals"]]
    lost = [c for c in compared if ratio(c) < 1]
    yield f"{len(compared)} functions and sizes compared on one thread; sheaf is slower in {len(lost)}."
    if compared:
        yield by_size(compared)
    if lost:
        yield losses(compared)
