"""Figures as text, and rows of text as tables."""

import statistics


def median(runs, key):
    values = [entry[key] for entry in runs if isinstance(entry.get(key), (int, float))]
    return statistics.median(values) if values else None


def digits(value):
    """Three significant digits, and no exponent."""
    if value is None:
        return "–"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def time_of(milliseconds):
    if milliseconds >= 1:
        return f"{digits(milliseconds)} ms"
    return f"{digits(milliseconds * 1000)} µs"


def time(runs):
    return time_of(median(runs, "milliseconds"))


def megabytes(count):
    return "–" if count is None else f"{count / 1e6:.0f} MB"


def percent(share):
    return "–" if share is None else f"{100 * share:.0f} %"


def spread(values):
    """The median, with the smallest and the largest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def verdict(goal, value, most=False):
    """Whether a goal is met: by at least so much, or by at most so much."""
    if goal is None:
        return "–"
    return f"{goal:g} {'met' if (value <= goal if most else value >= goal) else 'missed'}"


def aligned(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows
    )


def markdown(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|---" * len(rows[0]) + "|")
    return "\n".join(lines)


def described(facts):
    """What `running.circumstances` found, in one paragraph."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    limit, load = facts.get("multiply_add_limit_gflops"), facts.get("busy_before")
    parts = [
        f"{facts['date']}: {facts['processor']}, {facts['cores']} cores",
        f"{facts['threads']} threads",
        f"products of {facts['precision']} precision",
        f"multiply-add limit {digits(limit)} GFLOP/s" if limit else None,
        f"{facts['rounds']} rounds of {facts['seconds_per_run']:g} s",
        facts["swift"],
        f"commit {facts['commit']}" if facts["commit"] else None,
        versions or None,
        None if facts.get("peers_flush_denormals", True) else "peers keep denormals",
        f"others took {percent(load)} of the processor" if load and load > 0.05 else None,
    ]
    return "; ".join(part for part in parts if part) + "."
