"""Figures of a benchmark JSON as text."""


def number(value, digits=3):
    text = f"{value:.{digits}g}"
    return f"{float(text):,.0f}" if "e" in text or value >= 10 ** (digits - 1) else text


def amount(value, unit):
    return f"{number(value * 1e3)} ms" if unit == "s" else f"{number(value)} {unit}"


def duration(seconds):
    for scale, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * scale >= 1:
            return f"{number(seconds * scale)} {unit}"
    return f"{number(seconds * 1e9)} ns"


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


def share(case, name):
    """The ratio of a goal against this side alone, in bold where the goal is missed; – where there is none."""
    for goal in case["goals"] if case else []:
        if goal["against"] == name:
            value = f"{goal['value']:.2f}"
            return value if goal["goal_met"] else f"**{value}**"
    return "–"


def median(case, name):
    s = side(case, name) if case else None
    return number(s["median"]) if s else "–"


def best_limit(case):
    limits = [s["median"] for s in case["sides"] if s["role"] == "limit"] if case else []
    return number(max(limits)) if limits else "–"


def beside(case, name):
    """Its share where there is a goal; else the plain ratio of the medians, of "best limit" too."""
    if case is None or share(case, name) != "–":
        return share(case, name)
    mine = next((s["median"] for s in case["sides"] if s["role"] == "ours"), None)
    others = [s["median"] for s in case["sides"] if s["name"] == name or name == "best limit" and s["role"] == "limit"]
    return f"{mine / max(others):.2f}" if mine and others else "–"


def pairs(header, cases, one, every):
    """Of each pair of cases NAME and NAME_all the median, and what it is beside the sides `one` and `every`."""
    rows = []
    for work, places in by_name(cases).items():
        for place in (p for p in places if not p.endswith("_all")):
            row = [f"{work}, {place.replace('_', ' ')}"]
            for case, sides in ((places[place], one), (places.get(place + "_all"), every)):
                row += [median(case, "sheaf"), *(beside(case, side) for side in sides)]
            rows.append(row)
    return table(header, rows) if rows else ""


def goals_met(cases):
    goals = [g["goal_met"] for c in cases for g in c["goals"] if g["goal"]]
    return f"{sum(goals)} of {len(goals)} goals met" if goals else "no goals"


def by_name(cases):
    """{work: {place: case}}: a name is a family, a work and a place, with slashes between."""
    works = {}
    for case in cases:
        _, work, place = case["name"].split("/")
        works.setdefault(work, {})[place] = case
    return works


def left_out(absent):
    """What a build could not do, and what went wrong, one reason at a time."""
    reasons = {}
    for case in absent:
        reasons.setdefault(case["absent"].split(":")[0], set()).add(case["name"].split("/")[1])
    return "\n\n".join(f"Left out ({reason}): {', '.join(sorted(works))}." for reason, works in sorted(reasons.items()))


def one_by_one(what, cases):
    """A row a case: ours, the sides beside it, and what its goals say."""
    rows = []
    for case in cases:
        ours, *others = case["sides"]
        beside = ", ".join(f"{s['name']} {figure(case, s['name'], spread=False)}" for s in others)
        goals = ", ".join(verdict(g) for g in case["goals"] if g["first"] or g["goal"])
        rows.append([case["name"].split("/")[1], f"{ours['name']} {figure(case, ours['name'])}", beside or "–", goals or "–"])
    return table([what, "ours", "beside", "value or ratio"], rows)
