"""Single functions: what is not maps and not the sweep. Goals that are missed are in bold."""

from text import beside, best_limit, by_name, figure, goals_met, median, number, one_by_one, pairs, share, table


def family(cases, name):
    return [c for c in cases if c["name"].startswith(name + "/")]


def limit_rows(cases):
    rows = []
    for work, places in by_name(cases).items():
        row = [work]
        for place in ("one", "all"):
            case = places.get(place)
            row += [median(case, "sheaf"), best_limit(case), share(case, "best limit")]
        rows.append(row)
    return rows


def bandwidth(cases):
    header = ["GB/s read and written", "one thread", "copy or triad", "≥ 0.95", "all threads", "copy or triad", "≥ 0.95"]
    return table(header, limit_rows(cases))


def strided(cases):
    header = ["GB/s read and written", "one thread", "tiled copy", "≥ 0.8", "all threads", "tiled copy", "≥ 0.8"]
    return table(header, limit_rows(cases))


def elementary(cases, dtype):
    """In bold where a goal is missed; the goal against NumPy is the fast mode's where that has a figure."""
    rows = []
    single = dtype == "f32"
    for work, places in by_name(cases).items():
        if not work.endswith(dtype):
            continue
        l2, memory = places.get("l2"), places.get("memory")
        row = [work, median(l2, "sheaf"), median(l2, "SLEEF"), share(l2, "SLEEF")]
        row += [median(l2, "fast")] * single + [median(l2, "NumPy"), share(l2, "NumPy")]
        rows.append(row + [median(memory, "one thread"), median(memory, "sheaf"), share(memory, "one thread")])
    header = ["10⁹ elements/s", "in L2", "SLEEF", "≥ 0.95", *["fast"] * single, "NumPy", "≥ 1"]
    return table(header + ["in memory, one thread", "all threads", "≥ 1.9 on two"], rows) if rows else ""


def elementwise(data, cases):
    if family(cases, "elementwise"):
        yield f"### What waits for memory: {goals_met(family(cases, 'elementwise'))}"
        yield bandwidth(family(cases, "elementwise"))
    if family(cases, "strided"):
        yield f"### Strided and transposed: {goals_met(family(cases, 'strided'))}"
        yield strided(family(cases, "strided"))
    if family(cases, "elementary"):
        yield f"### Elementary functions: {goals_met(family(cases, 'elementary'))}"
        yield ("In L2 on one thread, raw SLEEF and NumPy beside; in memory on all threads beside one. Functions of floats that "
               "NumPy computes to more than 1 ULP (README.md) stand beside our fast mode, the others beside our default.")
        yield from (elementary(family(cases, "elementary"), dtype) for dtype in ("f64", "f32"))


def reduction_row(work, places):
    """Of each place its GB/s and share, then the axes beside the last one."""
    row = [work]
    for place in ("l1", "l2", "memory_one", "memory"):
        case = places.get(place)
        row.append(f"{median(case, 'sheaf')} ({share(case, 'read')})")
    for place in ("l2_axis0", "l2_middle", "memory_axis0", "memory_middle"):
        row.append(share(places.get(place), "last axis"))
    return row


def reduce(data, cases):
    yield f"{goals_met(cases)[0].upper() + goals_met(cases)[1:]}. GB/s read, and the share of the load or read bandwidth."
    header = ["GB/s", "L1, ≥ 0.7", "L2, ≥ 0.7", "memory, one thread, ≥ 0.95", "memory, all, ≥ 0.95"]
    header += ["L2 axis 0 ÷ last, ≥ 0.9", "middle", "memory axis 0 ÷ last, ≥ 0.9", "middle"]
    yield table(header, [reduction_row(work, places) for work, places in by_name(cases).items()])


def scan(data, cases):
    rows = []
    for work, places in by_name(cases).items():
        row = [work]
        for place in ("l2", "memory_one"):
            case = places.get(place)
            row += [median(case, "sheaf"), median(case, "NumPy"), share(case, "NumPy")]
        case = places.get("memory")
        rows.append(row + [median(case, "sheaf"), best_limit(case), beside(case, "best limit")])
    yield f"{goals_met(cases)[0].upper() + goals_met(cases)[1:]}: cumsum ≥ 0.8 of the copy on all threads."
    header = ["GB/s read and written", "in L2", "NumPy", "≥ 1", "in memory, one thread", "NumPy", "≥ 1"]
    yield table(header + ["all threads", "copy", "share"], rows)


def order(data, cases):
    rows = []
    for work, places in by_name(cases).items():
        row = [work]
        for place in ("1000", "l2", "memory_one"):
            case = places.get(place)
            row += [median(case, "sheaf"), share(case, "NumPy"), share(case, "vqsort")]
        for place in ("memory", "rows"):
            case = places.get(place)
            row += [median(case, "sheaf"), share(case, "NumPy"), share(case, "one thread")]
        rows.append(row)
    yield f"{goals_met(cases)[0].upper() + goals_met(cases)[1:]}. Elements, and how many times as fast as the other side."
    header = ["Gel/s", "1000", "÷ NumPy, ≥ 0.9", "÷ vqsort, ≥ 0.9", "100,000", "÷ NumPy", "÷ vqsort", "10⁷, one thread"]
    header += ["÷ NumPy", "÷ vqsort", "10⁷, all threads", "÷ NumPy, ≥ 1.5", "÷ one thread, ≥ 1.8"]
    header += ["128 rows, all threads", "÷ NumPy, ≥ 1.5", "÷ one thread, ≥ 1.8"]
    yield table(header, rows)


def portable(data, cases):
    rows = []
    for work, places in by_name(cases).items():
        row = [work]
        for place in ("1000", "l2", "memory_one"):
            case = places.get(place)
            row += [median(case, "sheaf"), median(case, "vqsort"), share(case, "vqsort"), share(case, "NumPy")]
        rows.append(row)
    yield "The sort of a build without Highway, on one thread."
    header = ["Gel/s", "1000", "vqsort", "÷ vqsort, ≥ 0.5", "÷ NumPy, ≥ 0.9", "100,000", "vqsort", "÷ vqsort", "÷ NumPy"]
    yield table(header + ["10⁷", "vqsort", "÷ vqsort", "÷ NumPy"], rows)


def move(data, cases):
    rows = []
    for work, places in by_name(cases).items():
        row = [work]
        for place in ("l2", "memory_one"):
            case = places.get(place)
            row += [median(case, "sheaf"), median(case, "NumPy"), share(case, "NumPy")]
        case = places.get("memory")
        rows.append(row + [median(case, "sheaf"), best_limit(case), share(case, "best limit")])
    yield (f"{goals_met(cases)[0].upper() + goals_met(cases)[1:]}: transposes ≥ 0.8 of the copy on all threads, what "
           "goes in blocks ≥ 0.9.")
    header = ["GB/s read and written", "in L2", "NumPy", "≥ 1", "in memory, one thread", "NumPy", "≥ 1"]
    yield table(header + ["all threads", "copy", "share"], rows)


def window(data, cases):
    yield f"{goals_met(cases)[0].upper() + goals_met(cases)[1:]}. Beside pandas, SciPy and NumPy on one thread."
    header = ["Gel/s", "one thread", "÷ Python", "all threads", "÷ Python"]
    yield pairs(header, cases, ["Python"], ["Python"])


def convolve(data, cases):
    yield f"{goals_met(cases)[0].upper() + goals_met(cases)[1:]}. Beside NumPy and SciPy on one thread."
    stencils = [c for c in cases if "/stencil/" in c["name"]]
    limit, one_thread = "best limit", ["Python", "one thread"]
    header = ["GFLOP/s", "one thread", "÷ multiply-adds, 64: ≥ 0.5", "÷ Python", "all threads", "÷ multiply-adds"]
    header += ["÷ Python", "÷ one thread, convolve: ≥ 1.8"]
    yield pairs(header, [c for c in cases if c not in stencils], [limit, "Python"], [limit, *one_thread])
    header = ["GB/s read and written", "one thread", "÷ copy, 3x3: ≥ 0.8", "÷ Python", "all threads", "÷ copy, 3x3: ≥ 0.8"]
    header += ["÷ Python", "÷ one thread"]
    yield pairs(header, stencils, [limit, "Python"], [limit, *one_thread])


def tally(data, cases):
    yield f"{goals_met(cases)[0].upper() + goals_met(cases)[1:]}. Beside NumPy on one thread."
    histograms = [c for c in cases if "/histogram/" in c["name"]]
    header = ["Gel/s", "one thread", "÷ NumPy, ≥ 0.9", "all threads", "÷ NumPy, ≥ 1.5"]
    yield pairs(header, [c for c in cases if c not in histograms], ["Python"], ["Python"])
    header = ["GB/s read", "one thread", "÷ NumPy, ≥ 0.9", "÷ read, bins of equal width: ≥ 0.5", "all threads"]
    header += ["÷ NumPy, ≥ 1.5", "÷ read"]
    yield pairs(header, histograms, ["Python", "read"], ["Python", "read"])


PROGRAMS = {
    "bell": "`sqrt(exp(-x*x) + y*0.5)`, 2 × 10⁷",
    "compare": "`x*y - 4.1*x > 2.5*y`, 2 × 10⁷",
    "black_scholes": "Black–Scholes, 10⁷",
    "standardise": "`(x - mean(x, axis=0)) / std(x, axis=0)`, 10⁶ × 64",
    "summary": "`mean(x), std(x), min(x), max(x), quantile(x, [0.05, 0.5, 0.95])`, 2 × 10⁷",
}


def named_medians(case, *roles):
    return ", ".join(f"{s['name']} {number(s['median'])}" for s in case["sides"] if s["role"] in roles) or "–"


def program_row(case, program, threads):
    """Beside its limits: the one its goal is against, else the greatest."""
    peer = next((s["name"] for s in case["sides"] if s["role"] == "peer"), "")
    limit = "least limit" if share(case, "least limit") != "–" else "best limit"
    row = [program, threads, median(case, "sheaf"), named_medians(case, "limit"), beside(case, limit)]
    return [*row, named_medians(case, "peer"), beside(case, peer)]


def programs(cases):
    rows = []
    for work, places in by_name(cases).items():
        for place, threads in (("memory", "one"), ("memory_all", "all")):
            if place in places:
                rows.append(program_row(places[place], PROGRAMS[work], threads))
    goals = "÷ limit: ≥ 0.8, compared ≥ 0.9"
    return table(["GB/s", "threads", "sheaf", "limits", goals, "Python", "÷ numexpr on all ≥ 7, Numba ≥ 1.5"], rows)


def language(data, cases):
    yield f"{goals_met(cases)[0].upper() + goals_met(cases)[1:]}. numexpr and Numba on as many threads, NumPy on one."
    if family(cases, "language"):
        yield programs(family(cases, "language"))
    titles = {"parse": "20 operators, from the text to the first result", "evaluation": "`sqrt(x*2+1)` of 100 elements"}
    rows = []
    for work, places in by_name(family(cases, "language_cost")).items():
        for case in places.values():
            rows.append([titles[work], median(case, "sheaf"), named_medians(case, "base"), share(case, "")])
    if rows:
        yield table(["µs", "what a program costs", "measured beside", "≤ 20, ≤ 2"], rows)
    rows = []
    for case in family(cases, "language_own"):
        loop = figure(case, "bare loop")
        rows.append(["sum of squares, 128 × 250,000", figure(case, "sheaf"), loop, share(case, "bare loop")])
    if rows:
        yield table(["one's own C function", "sheaf", "bare loop", "÷ bare loop, ≤ 1.05"], rows)


def formats(data, cases):
    yield f"{goals_met(cases)[0].upper() + goals_met(cases)[1:]}. From the page cache to the sum of all numbers, or to the mean."
    yield one_by_one("file", cases)
