"""The pictures of docs/benchmarks.md: cost and memory against the number of cells, and what comes of the notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peers.scaling import exponent
from peers.tables import LARGE, OURS, by_tool

OWN, OTHERS = "#1f5fa8", ("#d07a2c", "#6a9a4b", "#8f6bb3", "#999999", "#b0555a")
STYLE = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "beside",
    "legend.frameon": False,
}


def draw(found: dict[str, Any], folder: Path) -> list[Path]:
    """Every picture of what was measured, as SVG files."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with pyplot.rc_context(STYLE):
        for name, picture in (("cost", cost), ("memory", memory), ("outcomes", outcomes)):
            figure, axes = pyplot.subplots(figsize=(7.2, 4.2), layout="constrained")
            picture(found, axes)
            path = folder / f"beside-{name}.svg"
            figure.savefig(path, metadata={"Date": None})
            pyplot.close(figure)
            written.append(path)
    return written


def lines(found: dict[str, Any]) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Each tool with its colour and its rows by size; ours first."""
    tools = list(dict.fromkeys(row["tool"] for row in found["scaling"]))
    tools.sort(key=lambda tool: tool != OURS)
    colours = [OWN, *OTHERS]
    return [
        (tool, colours[at % len(colours)], sorted((row for row in found["scaling"] if row["tool"] == tool), key=lambda row: row["cells"]))
        for at, tool in enumerate(tools)
    ]


def cost(found: dict[str, Any], axes: Any) -> None:
    for tool, colour, rows in lines(found):
        large = [row for row in rows if row["cells"] >= LARGE]
        slope = f", cells$^{{{exponent([row['cells'] for row in large], [row['cpu'] for row in large]):.2f}}}$" if len(large) > 1 else ""
        wide = 2.2 if tool == OURS else 1.4
        axes.loglog([row["cells"] for row in rows], [row["cpu"] for row in rows], "o-", color=colour, lw=wide, ms=4, label=f"{tool}{slope}")
    plain(axes)
    axes.set(xlabel="code cells", ylabel="seconds of processor, whole process", title="Cost against the size of a notebook")
    axes.legend()


def plain(axes: Any) -> None:
    """Both axes in numbers, not in powers."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, at: f"{value:,.10g}")
        axis.set_minor_formatter(lambda value, at: "")


def memory(found: dict[str, Any], axes: Any) -> None:
    for tool, colour, rows in lines(found):
        wide = 2.2 if tool == OURS else 1.4
        axes.loglog(
            [row["bytes"] / 1e6 for row in rows], [row["memory"] / 1e6 for row in rows], "o-", color=colour, lw=wide, ms=4, label=tool
        )
    sizes = sorted({row["bytes"] / 1e6 for row in found["scaling"]})
    axes.loglog(sizes, [10 * size for size in sizes], ":", color="#777777", lw=1.2, label="10 x the file")
    plain(axes)
    axes.set(xlabel="size of the file, MB", ylabel="highest memory, MB", title="Memory against the size of a notebook")
    axes.legend()


def outcomes(found: dict[str, Any], axes: Any) -> None:
    tools = by_tool(found)
    kinds = (("converts", "#c9d9ec"), ("runs to its end", "#7fa6d3"), ("same results", OWN))
    for at, (kind, colour) in enumerate(kinds):
        counts = [sum(bool(row[KEYS[kind]]) for row in rows) / len(rows) for rows in tools.values()]
        places = [number + (at - 1) * 0.27 for number in range(len(tools))]
        axes.bar(places, counts, width=0.25, color=colour, label=kind)
    for number, rows in enumerate(tools.values()):
        if any(row["runs"] for row in rows) and all(row["same"] is None for row in rows):
            axes.text(number + 0.27, 0.01, "not compared", rotation=90, ha="center", va="bottom", fontsize=8, color="#666666")
    axes.set_xticks(range(len(tools)), list(tools))
    axes.yaxis.set_major_formatter(lambda value, at: f"{value:.0%}")
    axes.grid(axis="x", visible=False)
    axes.set(ylim=(0, 1), ylabel="share of the notebooks", title="What comes of the same notebooks")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3)


KEYS = {"converts": "converts", "runs to its end": "runs", "same results": "same"}
