"""What was measured as Markdown: the targets, the peers, every notebook.

targets(found)   ->   "| what | target | measured | |\n| --- | --- | --- | --- |\n| analysis of a notebook | at most 5x ... | 4.1x | met |"
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

from peers.scaling import exponent

Found = dict[str, Any]  # everything measured, by what it is; see `beside.py`
OURS = "nb2prod analyze"
LARGE = 500  # cells: below it the start of a process is most of what it costs


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def targets(found: Found) -> str:
    """Each target, what was measured, and whether it is met."""
    rows = []
    for what, limit, unit, measure in TARGETS:
        value = measure(found)
        told = "not measured" if value is None else f"{value:.2f}{unit}"
        rows.append((what, f"at most {limit:g}{unit}", told, "" if value is None else "met" if value <= limit else "**missed**"))
    return table(("what", "target", "measured", ""), rows)


def _ratio(tool: str, other: str) -> Callable[[Found], float | None]:
    """The median over notebooks of how much processor a command takes, as a ratio to another on the same notebook."""

    def measure(found: Found) -> float | None:
        cpu = {(row["notebook"], row["tool"]): row["cpu"] for row in found["processes"] if not row["why"]}
        ratios = [cpu[name, tool] / cpu[name, other] for name, which in cpu if which == tool and (name, other) in cpu]
        return median(ratios) if ratios else None

    return measure


def _growth(what: str, *, per: str = "cells") -> Callable[[Found], float | None]:
    def measure(found: Found) -> float | None:
        rows = [row for row in found["scaling"] if row["tool"] == OURS and row["cells"] >= LARGE]
        return exponent([row[per] for row in rows], [row[what] for row in rows]) if len(rows) > 1 else None

    return measure


def _memory_per_byte(found: Found) -> float | None:
    """How much the peak grows for each byte that the file grows."""
    rows = sorted((row for row in found["scaling"] if row["tool"] == OURS), key=lambda row: row["cells"])
    if len(rows) < 2:
        return None
    return float((rows[-1]["memory"] - rows[0]["memory"]) / (rows[-1]["bytes"] - rows[0]["bytes"]))


TARGETS: tuple[tuple[str, float, str, Callable[[Found], float | None]], ...] = (
    (
        "analysis in process, to `json.load` and `ast.parse` of the cells",
        5,
        "x",
        lambda found: median(row["ratio"] for row in found["in_process"]),
    ),
    ("again after an edit of one cell of a 100-cell notebook", 20, " ms", lambda found: found["edit"] * 1000),
    ("`nb2prod --help`, to `python -c pass`", 4, "x", _ratio("nb2prod --help", "python -c pass")),
    ("`nb2prod analyze`, to `jupyter nbconvert --to script`", 0.35, "x", _ratio(OURS, "nbconvert")),
    ("`nb2prod analyze`, to `soorgeon refactor`", 0.2, "x", _ratio(OURS, "soorgeon refactor")),
    ("`nb2prod convert --no-run`, to `jupyter nbconvert --to script`", 1, "x", _ratio("nb2prod convert --no-run", "nbconvert")),
    (f"exponent of the cost in cells, from {LARGE} cells up", 1.1, "", _growth("cpu")),
    ("growth of peak memory, to the growth of the file", 10, "x", _memory_per_byte),
)


def versions(found: Found) -> str:
    rows = [(name, one["version"] or "not installed", one["reason"]) for name, one in found["environments"].items()]
    return table(("tool", "version", "why not"), rows)


def in_process(found: Found) -> str:
    rows = [
        (row["notebook"], row["cells"], f"{row['parse'] * 1000:.1f}", f"{row['analysis'] * 1000:.1f}", f"{row['ratio']:.1f}")
        for row in found["in_process"]
    ]
    return table(("notebook", "code cells", "parse ms", "analysis ms", "ratio"), rows)


def processes(found: Found) -> str:
    """One line a command, one column a notebook: seconds of processor, and in brackets of the clock."""
    notebooks = list(dict.fromkeys(row["notebook"] for row in found["processes"]))
    told = {
        (row["tool"], row["notebook"]): "fails" if row["why"] else f"{row['cpu']:.2f} ({row['seconds']:.2f})" for row in found["processes"]
    }
    rows = [
        (f"`{tool}`", *(told.get((tool, name), "") for name in notebooks))
        for tool in dict.fromkeys(row["tool"] for row in found["processes"])
    ]
    return table(("command", *notebooks), rows)


def quality(found: Found) -> str:
    """One line a tool: of how many notebooks each thing is true."""
    rows = []
    for tool, mine in by_tool(found).items():
        compared = [row for row in mine if row["same"] is not None]
        gone = [row["gone"] for row in mine if row["gone"] is not None]
        same = f"{sum(row['same'] for row in compared)} of {len(mine)}" if compared else "not compared"
        silent = sum(row["runs"] and row["same"] is False for row in mine) if compared else "?"
        rows.append(
            (
                tool,
                f"{sum(row['converts'] for row in mine)} of {len(mine)}",
                f"{sum(row['runs'] for row in mine)} of {len(mine)}",
                same,
                silent,
                f"{sum(gone) / len(gone):.0%}" if gone else "",
                sum(row["parameters"] for row in mine),
                sum(row["tests"] for row in mine),
            )
        )
    head = ("tool", "converts", "runs to its end", "the notebook's results", "runs, but other results", "code gone", "parameters", "tests")
    return table(head, rows)


def by_tool(found: Found) -> dict[str, list[dict[str, Any]]]:
    tools: dict[str, list[dict[str, Any]]] = {}
    for row in found["quality"]:
        tools.setdefault(row["tool"], []).append(row)
    return tools


def outcomes(found: Found) -> str:
    """One line a notebook, one column a tool: a word for what came of it."""
    tools = list(by_tool(found))
    told = {(row["notebook"], row["tool"]): outcome(row) for row in found["quality"]}
    names = dict.fromkeys(row["notebook"] for row in found["quality"])
    return table(("notebook", *tools), [(name, *(told.get((name, tool), "") for tool in tools)) for name in names])


def outcome(row: dict[str, Any]) -> str:
    if not row["converts"]:
        return "refused"
    if not row["runs"]:
        return "stops"
    return {True: "same", False: "**other results**", None: "runs"}[row["same"]]


def profile(shares: Sequence[tuple[str, float]]) -> str:
    return table(("part", "share"), [(f"`{name}`" if "/" in name else name, f"{share:.0%}") for name, share in shares])
