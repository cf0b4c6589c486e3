"""Names and roles of stages: from headings, from what is computed, from outputs; never two alike.

## 2. Clean the data                -> "clean_the_data" in data.py
(no heading) model.fit(...)         -> "train_model" in model.py
"""

from __future__ import annotations

import builtins
import keyword
import re
import sys
import unicodedata
from collections.abc import Iterable

from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.planning.code import LiveCode

HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.+?)\s*#*\s*$", re.MULTILINE)
NUMBERING = re.compile(r"^(?:(?:step|part|section|chapter)\s+)?(?:\d+(?:\.\d+)*|[ivx]+|[a-z])[.):]?\s+|^\d+[.):]?\s*", re.IGNORECASE)
# What a stage does decides its module and, without a heading, its verb: the first line that fits.
ROLES = (
    ("fits", "model", "train"),
    ("draws", "plots", "plot"),
    ("writes", "output", "save"),
    ("measures", "evaluation", "evaluate"),
    ("predicts", "model", "predict"),
    ("reads", "data", "load"),
)
LONGEST = 40


class StageNames:
    """Gives each stage a name nobody else has; the notebook's own title names no stage."""

    def __init__(self, notebook: Notebook, taken: Iterable[str]) -> None:
        self.notebook = notebook
        self.taken = set(taken) | set(dir(builtins)) | set(keyword.kwlist) | {"run", "main", "parameters", "results"}
        self.title = next(
            (match.group(2) for cell in notebook.cells if cell.kind == "markdown" for match in HEADING.finditer(cell.source)), ""
        )

    def words(self, statements: tuple[StatementId, ...], previous: int) -> tuple[str, str]:
        """The nearest heading over a stage and the prose between that heading and the code."""
        found = headings_above(self.notebook, statements[0].cell, previous)
        title = found[-1] if found and found[-1] != self.title else ""
        texts = [cell.source for cell in self.notebook.cells[max(previous, 0) : statements[0].cell] if cell.kind == "markdown"]
        prose = HEADING.sub("", texts[-1]).strip() if texts else ""
        return NUMBERING.sub("", plain(title)) or plain(title), first_paragraph(prose)

    def name(self, code: LiveCode, statements: tuple[StatementId, ...], outputs: list[str], title: str) -> tuple[str, str]:
        """A function name and a module name."""
        marks = [mark for id in statements for mark in code.effects[id].marks]
        role = next(
            (
                (module, verb)
                for mark, module, verb in ROLES
                if mark in marks and (mark != "draws" or marks.count(mark) * 2 > len(statements))
            ),
            None,
        )
        works = outputs or any(x.kind == "object" for id in statements for x in code.effects[id].updates)
        module, verb = role or (("features", "prepare") if works else ("settings", "set_up"))
        what = "_".join(slug(output) for output in outputs[-2:] if slug(output))
        from_title = shortened(slug(title))
        computed = shortened(f"{verb}_{what or self.object_of(code, statements)}")
        titled = f"{verb}_{from_title}" if from_title else ""
        candidates = [
            from_title,
            titled,
            computed,
            f"{titled}_{what}".strip("_") if titled else "",
            f"{computed}_from_cell_{statements[0].cell}",
        ]
        name = next(
            c for c in (*candidates, *(f"{computed}_{n}" for n in range(2, 10_000))) if c and c.isidentifier() and c not in self.taken
        )
        self.taken.add(name)
        return name, module

    def object_of(self, code: LiveCode, statements: tuple[StatementId, ...]) -> str:
        """Without outputs: the last name that is worked on."""
        for id in reversed(statements):
            loads = [
                r.name for r in code.by_statement[id] if r.context == "load" and r.name in code.stores and code.decisions[id].role == "code"
            ]
            variables = [name for name in loads if all(code.decisions[s].role == "code" for s in code.stores[name])]
            if variables:
                return slug(variables[-1])
        return ""


def headings_above(notebook: Notebook, cell: int, previous: int) -> list[str]:
    """The headings in markdown cells between the code cell before and this one."""
    between = notebook.cells[previous + 1 : cell]
    return [match.group(2) for other in between if other.kind == "markdown" for match in HEADING.finditer(other.source)]


def slug(text: str) -> str:
    """Words as a lower-case ASCII identifier, accents taken off; empty where nothing is left."""
    flat = unicodedata.normalize("NFKD", plain(text)).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", flat)
    words = re.sub(r"[^a-zA-Z0-9]+", "_", spaced).strip("_").lower()
    return words if words.isidentifier() else ""


def shortened(name: str) -> str:
    """A name of at most LONGEST characters, cut between words."""
    return name if len(name) <= LONGEST else name[: LONGEST + 1].rpartition("_")[0] or name[:LONGEST]


def plain(text: str) -> str:
    """Markdown inline marks taken off: emphasis, code, links, HTML tags."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<[^>]+>", "", text)
    return re.sub(r"[*_`~$]+(?=\S)|(?<=\S)[*_`~$]+", lambda m: "_" if m.group() == "_" else "", text).strip()


def first_paragraph(text: str) -> str:
    """The first paragraph of some markdown, as one line without marks."""
    paragraph = next(
        (p for p in re.split(r"\n\s*\n", text.strip()) if p.strip() and not p.lstrip().startswith(("|", "```", "![", "<img"))), ""
    )
    return plain(" ".join(line.strip(" -*>") for line in paragraph.splitlines()))


def package_name(stem: str, beside: Iterable[str] = ()) -> str:
    """A package name from a file name, that no module of Python or beside the notebook has."""
    name = slug(stem) or "notebook"
    taken = {*sys.stdlib_module_names, *keyword.kwlist, *beside, "test", "tests", "src"}
    return f"{name}_package" if name in taken else name
