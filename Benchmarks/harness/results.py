"""The results of `compare`: one for each row and peer, as a table, and kept in the repository.

A result stands by itself: with its figures it says when, on what machine, with which versions and
at which commit it was measured, for the rows of the kept table are measured again one by one.
"""

import json
import os
import statistics

from . import rows, tables
from .running import BENCHMARKS, PEERS, limit_of

FOLDER = BENCHMARKS / "Results"
DATA = FOLDER / "compare.json"
PAGE = FOLDER / "compare.md"

HEADINGS = [
    "workload", "Reel", "GFLOP/s", "of limit", "bound by", "allocations", "memory",
    "peer", "its time", "GFLOP/s", "its memory", "Reel is faster by",
]
FIGURES = ["milliseconds", "gflops", "share_of_limit", "allocations_per_step"]


def ratios_of(runs, peer):
    return [
        theirs["milliseconds"] / ours["milliseconds"]
        for ours, theirs in zip(runs["reel"], runs[peer])
    ]


def figures(runs):
    values = {key: tables.median(runs, key) for key in FIGURES}
    # By how much the process grew; in the runs that did not try several variants, if there are any.
    alone = [entry for entry in runs if not entry.get("variants_tried")]
    values["peak_growth_bytes"] = tables.median(alone or runs, "peak_growth_bytes")
    return {key: value for key, value in values.items() if value is not None}


def results_of(name, runs, facts):
    """One for each peer, or one for Reel alone."""
    facts = {**facts, "multiply_add_limit_gflops": limit_of(runs["reel"])}
    results = []
    for peer in [library for library in runs if library != "reel"]:
        ratios = ratios_of(runs, peer)
        results.append(
            {
                "name": name,
                "peer": peer,
                "ratio": statistics.median(ratios),
                "smallest_ratio": min(ratios),
                "largest_ratio": max(ratios),
                "reel": figures(runs["reel"]),
                "theirs": {"variant": runs[peer][0]["variant"], **figures(runs[peer])},
                "measured": {**facts, "versions": runs[peer][0].get("versions", {})},
            }
        )
    alone = {"name": name, "peer": None, "reel": figures(runs["reel"])}
    return results or [{**alone, "measured": {**facts, "versions": {}}}]


def line(result, bounds):
    """The cells below HEADINGS. `bounds`: what bounds each row, by its name."""
    reel, theirs = result["reel"], result.get("theirs")
    allocations = reel.get("allocations_per_step")
    cells = [
        result["name"],
        tables.time_of(reel["milliseconds"]),
        tables.digits(reel.get("gflops")),
        tables.percent(reel.get("share_of_limit")),
        bounds[result["name"]],
        "–" if allocations is None else f"{allocations:g}",
        tables.megabytes(reel.get("peak_growth_bytes")),
    ]
    if not theirs:
        return cells + ["–"] * (len(HEADINGS) - len(cells))
    smallest, largest = result["smallest_ratio"], result["largest_ratio"]
    return cells + [
        f"{PEERS[result['peer']]['title']} ({theirs['variant']})",
        tables.time_of(theirs["milliseconds"]),
        tables.digits(theirs.get("gflops")),
        tables.megabytes(theirs.get("peak_growth_bytes")),
        f"{result['ratio']:.2f} ({smallest:.2f}–{largest:.2f})",
    ]


def verdict(result, goals):
    goal = goals.get(result["name"], {}).get(result["peer"])
    return tables.verdict(goal, result.get("ratio"))


def goals_by_name():
    return {row.name: row.goals for row in rows.workloads()}


def bounds_by_name():
    return {row.name: row.bound for row in rows.workloads()}


def table(results, kept, beside_fastest):
    """As it is printed after a run: beside each ratio the one that was kept last, and the goal; these are of
    each peer's fastest way."""
    goals, bounds = goals_by_name(), bounds_by_name()
    if not beside_fastest:
        return [HEADINGS] + [line(result, bounds) for result in results]
    lines = [HEADINGS + ["last", "goal"]]
    for result in results:
        before = kept.get(key(result))
        last = f"{before['ratio']:.2f}" if before else "–"
        lines.append(line(result, bounds) + [last, verdict(result, goals)])
    return lines


def key(result):
    """What a result replaces: one of the same row, peer, precision and kind of processor."""
    facts = result["measured"]
    return result["name"], result["peer"], facts["precision"], facts["processor"]


def kept():
    """By key; empty where nothing was kept yet."""
    if not DATA.exists():
        return {}
    return {key(result): result for result in json.loads(DATA.read_text())["rows"]}


def keep(results):
    """Puts results in the place of older ones, and writes the page anew."""
    merged = {**kept(), **{key(result): result for result in results if result["peer"]}}
    order = {row.name: place for place, row in enumerate(rows.workloads())}
    precisions, peers = ["highest", "high", "medium"], list(PEERS)
    ordered = sorted(
        # A row that is no longer measured would stand there for ever.
        (result for result in merged.values() if result["name"] in order),
        key=lambda result: (
            precisions.index(result["measured"]["precision"]),
            result["measured"]["processor"],
            order[result["name"]],
            peers.index(result["peer"]),
        ),
    )
    FOLDER.mkdir(exist_ok=True)
    replace(DATA, json.dumps({"rows": ordered}, indent=1, ensure_ascii=False) + "\n")
    replace(PAGE, page(ordered))


def replace(path, text):
    """The whole file, or as it was."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def page(results):
    goals, bounds = goals_by_name(), bounds_by_name()
    parts = [
        "# Results of `compare`",
        "Written by `Benchmarks/compare --keep`: every row as it was measured last on each kind of\n"
        "processor, with its date and commit. [The page of the benchmarks](../README.md) says what\n"
        "the rows are; below each table stands with which versions its rows were measured.",
    ]
    def table_of(result):
        return result["measured"]["precision"], result["measured"]["processor"]

    for precision, processor in dict.fromkeys(table_of(result) for result in results):
        chosen = [result for result in results if table_of(result) == (precision, processor)]
        lines = [HEADINGS + ["goal", "measured"]]
        notes = {}
        for result in chosen:
            facts = result["measured"]
            when = f"{facts['date']}, {facts['commit'] or 'no commit'}"
            lines.append(line(result, bounds) + [verdict(result, goals), when])
            # The limit and the versions are each row's own; what is left is said once for all.
            shared = {**facts, "multiply_add_limit_gflops": None, "versions": {}}
            _, versions = notes.setdefault(tables.described(shared), (shared, {}))
            versions.update(facts["versions"])
        parts += [
            f"## {processor}, products of {precision} precision",
            tables.markdown(lines),
        ]
        described = (
            tables.described({**shared, "versions": dict(sorted(versions.items()))})
            for shared, versions in notes.values()
        )
        parts.append("\n".join(f"- {note}" for note in sorted(described)))
    return "\n\n".join(parts) + "\n"
