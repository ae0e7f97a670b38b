"""Turn the JSON of bench_map into benchmarks/RESULTS.md: report.py [--commit TEXT] MAIN.json [OPENBLAS.json]"""

import json
import sys

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


def number(value, digits=3):
    text = f"{value:.{digits}g}"
    return f"{float(text):,.0f}" if "e" in text or value >= 10 ** (digits - 1) else text


def amount(value, unit):
    return f"{number(value * 1e3)} ms" if unit == "s" else f"{number(value)} {unit}"


def side(case, name):
    return next((s for s in case["sides"] if s["name"] == name), None)


def figure(case, name, spread=True):
    s = side(case, name)
    if s is None:
        return "–"
    text = amount(s["median"], case["unit"])
    if spread and s["max"] > s["min"]:
        scale = 1e3 if case["unit"] == "s" else 1
        text += f" [{number(s['min'] * scale)}–{number(s['max'] * scale)}]"
    return text


def cold(case):
    s = side(case, "sheaf")
    return amount(s["first"], case["unit"]) if s else "–"


def verdict(goal):
    sign = "≥" if goal["kind"] == "speedup" else "≤"
    parts = []
    if goal["first"]:
        parts.append(f"{sign} {goal['first']:g} {'met' if goal['first_met'] else '**missed**'}")
    if goal["goal"]:
        parts.append(f"goal {sign} {goal['goal']:g} {'met' if goal['goal_met'] else '**missed**'}")
    return f"{number(goal['value'])} ({', '.join(parts)})"


def against(case, name):
    return next((verdict(g) for g in case["goals"] if g["against"] == name), "–")


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def head(data, commit):
    m = data["machine"]
    lines = [
        "# Benchmark results" + (" (tiny sizes, only to see that it works)" if data["small"] else ""),
        "",
        f"Written by `benchmarks/run` on {data['date']}, commit {commit}; {data['threads']} threads on every side, "
        f"{data['repetitions']} rounds in which the sides take turns: median [min–max].",
        "",
        f"- machine: {m['cpu']}, {m['cores']} cores, {m['memory'] / 2**30:.0f} GiB, {m['isa']} kernels, "
        f"Linux {m['kernel']}",
        f"- sheaf {m['sheaf']}: {m['compiler']}, {m['blas']}, {m['fft']}, sort by {m['sort']}",
        f"- OPENBLAS_CORETYPE {m['openblas_coretype'] or 'not set'}, OPENBLAS_L2_SIZE "
        f"{m['openblas_l2_size'] or 'not set'} (never set for the peers)",
        f"- peers: {m['peers'] or 'left out'}",
    ]
    return "\n".join(lines)


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


def main(arguments):
    commit = "not given"
    if arguments[:1] == ["--commit"]:
        commit, arguments = arguments[1], arguments[2:]
    data = json.load(open(arguments[0], encoding="utf-8"))
    if data["format"] != "sheaf-benchmark" or data["version"] != 1:
        sys.exit("report.py: not a sheaf-benchmark file of version 1")
    groups = {}
    for case in data["benchmarks"]:
        groups.setdefault(case["name"].split("/")[0], []).append(case)
    parts = [head(data, commit)]
    for case in groups.get("machine", []):
        parts.append("Memory bandwidth in the same run: " + ", ".join(f"{s['name']} {amount(s['median'], case['unit'])}" for s in case["sides"]) + ".")
    if "memory" in groups:
        parts.append(memory_section(data, groups["memory"]))
    if "files" in groups:
        parts.append(file_section(groups["files"]))
    if "cost" in groups:
        parts.append(cost_section(groups["cost"]))
    beside = [c for c in groups.get("memory", []) + groups.get("files", []) if side(c, "joblib")]
    if beside:
        parts.append(other_section(beside))
    if len(arguments) > 1:
        for case in json.load(open(arguments[1], encoding="utf-8"))["benchmarks"]:
            parts.append(f"{NAMES.get(case['name'], case['name'])} with OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE unset: {figure(case, 'sheaf')}.")
    parts.append("The first bound is of the first version, the goal that of the design. How to read this: [README.md](README.md).")
    print("\n\n".join(parts))


if __name__ == "__main__":
    main(sys.argv[1:])
