"""Cells tagged `stage:NAME` -> which statements are to share a stage, what it is called, and which wishes the plan does not follow.

cells 1 and 3 tagged `stage:load_orders`   ->   {1: "load_orders", 3: "load_orders"}   ->   Stage("load_orders", statements of 1, 2 and 3)

Statements are never reordered for a wish, and what cannot stand in two functions stays in one: then a warning says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Plan

CODE = "NB304"
MARK = "stage:"
MESSAGE = "the stage `{}` cannot be as the tags of the cells ask for"
HINT_NAME = "give it a name in small letters, digits and underscores that nothing else in the notebook has"
HINT_PLACE = "statements keep their order, and some can only stand in one function: give neighbouring cells the same tag, or take it away"


def asked_stages(notebook: Notebook) -> dict[int, str]:
    """The stage each tagged cell asks for."""
    asked = {cell.index: [tag.removeprefix(MARK).strip() for tag in cell.tags if tag.startswith(MARK)] for cell in notebook.cells}
    return {cell: names[0] for cell, names in asked.items() if names}


def followed(cells: Sequence[int], asked: Mapping[int, str]) -> tuple[str, ...]:
    """The stage each statement is to be in ("" for any); what stands between two cells of one stage belongs to it."""
    found = [asked.get(cell, "") for cell in cells]
    for name in set(found) - {""}:
        first, last = found.index(name), len(found) - found[::-1].index(name)
        if set(found[first:last]) <= {name, ""}:
            found[first:last] = [name] * (last - first)
    return tuple(found)


def glued_ranks(asked: Sequence[str]) -> frozenset[int]:
    """The ranks after which no border may be, since the next statement is asked into the same stage."""
    return frozenset(rank for rank, (one, next) in enumerate(zip(asked, asked[1:], strict=False)) if one and one == next)


def parted_ranks(asked: Sequence[str]) -> frozenset[int]:
    """The ranks before which a border is to be, since the statement before is asked into another stage."""
    return frozenset(rank for rank, (before, one) in enumerate(zip(asked, asked[1:], strict=False), 1) if one != before)


def unmet_stages(notebook: Notebook, plan: Plan) -> tuple[Diagnostic, ...]:
    """A warning for the first cell of each stage that was asked for and is not as it was asked."""
    asked = asked_stages(notebook)
    found: dict[str, Diagnostic] = {}
    for stage in plan.stages:
        here = [cell for cell in stage.cells if cell in asked]
        apart = [cell for cell in here if asked[cell] != stage.name]
        for cell in apart:
            alone = not any(asked[other] != asked[cell] for other in here) and all(one.name != asked[cell] for one in plan.stages)
            said = (f"no stage can be called `{asked[cell]}`", HINT_NAME) if alone else (MESSAGE.format(asked[cell]), HINT_PLACE)
            found.setdefault(asked[cell], Diagnostic(CODE, Severity.warning, *said, cell, 1))
    return tuple(found.values())
