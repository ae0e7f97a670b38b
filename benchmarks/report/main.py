"""Turn the JSON files that the benchmarks left in a directory into one report: main.py DIRECTORY [OLD.md]

Sections of which the directory has no figures are kept as they stand in the old report."""

import json
import os
import sys

import families
import maps
import sweep
from text import left_out

# Each file of the directory: the section's title, and what writes it.
SECTIONS = {
    "bench_map": ("Maps over batches", maps.sections),
    "bench_elementwise": ("Elementwise", families.elementwise),
    "bench_reduce": ("Reductions", families.reduce),
    "bench_scan": ("Scans and differences", families.scan),
    "bench_order": ("Order", families.order),
    "bench_portable": ("Order without Highway, at AVX2", families.portable),
    "bench_move": ("Movement", families.move),
    "bench_window": ("Windows, filters, interpolation", families.window),
    "bench_convolve": ("Convolutions and stencils", families.convolve),
    "bench_tally": ("Quantiles, sets, searches, counts", families.tally),
    "bench_language": ("The function language", families.language),
    "bench_formats": ("Formats", families.formats),
    "bench_sweep": ("Every function beside NumPy", sweep.sections),
    "bench_large": ("Every function beside NumPy, 10⁸ elements", sweep.sections),
}


def load(directory, name):
    path = os.path.join(directory, name + ".json")
    if not os.path.exists(path) or not os.path.getsize(path):
        return None
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    if data["format"] != "sheaf-benchmark" or data["version"] != 1:
        sys.exit(f"report: {path} is not a sheaf-benchmark file of version 1")
    return data


def machine(data):
    m = data["machine"]
    return "\n".join([
        f"- machine: {m['cpu']}, {m['cores']} cores, {m['memory'] / 2**30:.0f} GiB, {m['isa']} kernels, "
        f"Linux {m['kernel']}",
        f"- sheaf {m['sheaf']}: {m['compiler']}, {m['blas']}, {m['fft']}, sort by {m['sort']}",
        f"- OPENBLAS_CORETYPE {m['openblas_coretype'] or 'not set'}, OPENBLAS_L2_SIZE "
        f"{m['openblas_l2_size'] or 'not set'} (never set for the peers)",
    ])  # fmt: skip


def origin(data):
    """When and of what a section's figures are."""
    peers = data["machine"]["peers"]
    return (
        f"{data['date']}, commit {data.get('commit') or 'not given'}; {data['threads']} threads where not said otherwise, "
        f"{data['repetitions']} rounds in which the sides take turns, medians"
        + ("; tiny sizes, only to see that it works" if data["small"] else "")
        + (f". Beside {peers}." if peers else ".")
    )


def section(directory, name, data, first_machine):
    title, write = SECTIONS[name]
    parts = [f"## {title}", origin(data)]
    if machine(data) != first_machine:
        parts.append(machine(data))
    cases = [c for c in data["benchmarks"] if "absent" not in c]
    extra = [load(directory, "openblas")] if name == "bench_map" else []
    parts += [part for part in write(data, cases, *extra) if part]
    parts.append(left_out([c for c in data["benchmarks"] if "absent" in c]))
    return "\n\n".join(part for part in parts if part)


def kept(path):
    """The machine and the sections of an old report, by title."""
    if not os.path.exists(path):
        return "", {}
    with open(path, encoding="utf-8") as file:
        head, *sections = file.read().strip().split("\n\n## ")
    return head.split("\n\n")[-1], {text.split("\n")[0]: text.split("\n\n", 2)[1:] for text in sections}


def main(directory, old=""):
    found = {name: data for name in SECTIONS if (data := load(directory, name))}
    if not found:
        sys.exit(f"report: no results in {directory}")
    first = machine(next(iter(found.values())))
    old_machine, old_sections = kept(old)
    parts = ["# Benchmark results", "Written by `benchmarks/run`. How to read this: [README.md](README.md).", first]
    for name, (title, _) in SECTIONS.items():
        if name in found:
            parts.append(section(directory, name, found[name], first))
        elif title in old_sections:
            when, rest = old_sections[title]
            where = [] if old_machine == first or rest.startswith("- machine:") else [old_machine]
            parts += [f"## {title}", when, *where, rest]
    print("\n\n".join(parts))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: main.py DIRECTORY [OLD.md]")
    main(*sys.argv[1:])
