"""The page about diagnostics, made from the rules themselves. `python tests/rules_page.py` writes it anew."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from nb2prod.analysis.rules import RULES
from nb2prod.analysis.rules.example import Example

PAGE = Path(__file__).parent.parent / "docs" / "diagnostics.md"
END = "<!-- What follows is made from the rules by tests/rules_page.py. -->"


def sections() -> str:
    """A table of the rules, then a section for each."""
    head = ["", "", "## Rules", "", "| code | severity | what it says |", "| --- | --- | --- |"]
    rows = [f"| [{rule.CODE}](#{rule.CODE.lower()}) | {rule.SEVERITY.value} | {title(rule)} |" for rule in RULES]
    return "\n".join([*head, *rows, *(section(rule) for rule in RULES)]) + "\n"


def title(rule: ModuleType) -> str:
    return str(rule.__doc__).partition("\n")[0].partition(": ")[2].removesuffix(".")


def section(rule: ModuleType) -> str:
    why = " ".join(str(rule.__doc__).partition("\n\n")[2].split())
    bad = next(example for example in rule.EXAMPLES if example.says)
    good = next(example for example in rule.EXAMPLES if not example.says)
    what = [f"### {rule.CODE}", "", f"**{title(rule)[0].upper()}{title(rule)[1:]}.** {why}", ""]
    return "\n".join(["", *what, "Found:", "", *code(bad), "", f"What to do: {rule.HINT}.", "", "Left alone:", "", *code(good)])


def code(example: Example) -> list[str]:
    """The cells of an example, parted as notebooks in text form part them."""
    cells = example.cells if len(example.cells) == 1 else [f"# %%\n{cell}" for cell in example.cells]
    lines = ["```python", *"\n".join(cells).splitlines()]
    if any(example.counts):
        lines += [f"# execution counts: {', '.join(str(count) for count in example.counts)}"]
    lines += [f"# saved output of cell {cell}: {kind} {text}" for cell, kind, text in example.outputs]
    return [*lines, "```"]


def page() -> str:
    """The page as it should be: what is written by hand, then the sections."""
    return PAGE.read_text(encoding="utf-8").partition(END)[0] + END + sections()


if __name__ == "__main__":
    sys.exit(0 if PAGE.write_text(page(), encoding="utf-8") else 1)
