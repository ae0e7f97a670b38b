"""Maps over batches: bench_map."""

from text import against, amount, cold, figure, one_by_one, side, table, verdict

NAMES = {
    "memory/stats_10000x1k": "stats, 10,000 × 1k",
    "memory/stats_128x250k": "stats, 128 × 250k",
    "memory/stats_4x8m": "stats, 4 × 8M",
    "memory/heavy_128x250k": "`sqrt(exp(-x*x)+log1p(abs(x)))`, 128 × 250k",
    "memory/sort_128x250k": "sort, 128 × 250k",
    "memory/rfft_128x250k": "rfft, 128 × 250k",
    "memory/matmul_2000x64x64": "`x @ x`, 2,000 × 64 × 64",
    "files/stats_2000x1mb": "stats of 2,000 files of 1 MB",
    "files/stats_20000x4kb": "stats of 20,000 files of 4 KB",
    "files/sqrt_500x1mb": "sqrt of 500 files of 1 MB, saved",
    "cost/empty_item": "an empty item of a map of 10⁶",
    "cost/peak_200x1mb": "peak memory, stats of 200 files of 1 MB",
    "cost/peak_8x64mb": "peak memory, stats of 8 files of 64 MB",
}


def memory_section(data, cases):
    rows = [
        [NAMES.get(c["name"], c["name"]), figure(c, "sheaf"), cold(c), figure(c, "Pool.map"), figure(c, "serial NumPy")]
        + [against(c, "Pool.map"), against(c, "serial NumPy")]
        for c in cases
    ]
    means = {x["goal"]["against"]: verdict(x["goal"]) for x in data["means"] if x["group"] == "memory"}
    if means:
        rows.append(["**geometric mean**", "", "", "", "", means.get("Pool.map", "–"), means.get("serial NumPy", "–")])
    return table(["in memory", "sheaf", "first, cold", "Pool.map", "serial NumPy", "Pool.map ÷ sheaf", "serial ÷ sheaf"], rows)


def file_section(cases):
    rows = [
        [NAMES.get(c["name"], c["name"]), figure(c, "sheaf"), cold(c), figure(c, "bare loop"), figure(c, "Pool.map")]
        + [figure(c, "serial NumPy"), against(c, "Pool.map"), against(c, "bare loop")]
        for c in cases
    ]
    header = ["files, cached", "sheaf", "first", "bare loop", "Pool.map", "serial NumPy", "Pool.map ÷ sheaf"]
    return table(header + ["sheaf ÷ bare loop"], rows)


def cost_section(cases):
    rows = []
    for c in cases:
        beside = ", ".join(f"{s['name']} {amount(s['median'], c['unit'])}" for s in c["sides"] if s["name"] != "sheaf")
        judged = "; ".join(verdict(g) for g in c["goals"]) or "–"
        rows.append([NAMES.get(c["name"], c["name"]), figure(c, "sheaf"), beside, judged])
    return table(["cost of a map", "sheaf", "beside", "value, or share of the allowance"], rows)


def other_section(cases):
    names = ("ThreadPool.map", "joblib", "Pool and map")
    rows = [[NAMES.get(c["name"], c["name"]), figure(c, "sheaf", False)] + [figure(c, n, False) for n in names] for c in cases]
    return table(["for information", "sheaf"] + ["ThreadPool.map", "joblib", "Pool made for the map"], rows)


def sections(data, cases, openblas=None):
    groups = {}
    for case in cases:
        groups.setdefault(case["name"].split("/")[0], []).append(case)
    for case in groups.get("machine", []):
        rates = ", ".join(f"{s['name']} {amount(s['median'], case['unit'])}" for s in case["sides"])
        yield f"Memory bandwidth in the same run: {rates}."
    if "memory" in groups:
        yield memory_section(data, groups["memory"])
    if "files" in groups:
        yield file_section(groups["files"])
    if "cost" in groups:
        yield cost_section(groups["cost"])
    for name, what in (("mixed", "items of every size"), ("isolated", "worker processes"), ("journal", "a journal")):
        if name in groups:
            yield one_by_one(what, groups[name])
    beside = [c for c in groups.get("memory", []) + groups.get("files", []) if side(c, "joblib")]
    if beside:
        yield other_section(beside)
    for case in openblas["benchmarks"] if openblas else []:
        name = NAMES.get(case["name"], case["name"])
        yield f"{name} with OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE unset: {figure(case, 'sheaf')}."
    yield "The first bound is of the first version, the goal that of the design."
