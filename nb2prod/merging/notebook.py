"""Three versions of a notebook's JSON -> one, cell by cell; the hand's outputs and metadata stay.

base  [a, b]      hand  [a', b, mine]      new  [a, c, b]     ->   [a', c, b, mine]

Cells of base and hand go together by their ids, cells of base and new by what is in them, for generated ids count through.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from nb2prod.merging.data import merge_keys
from nb2prod.merging.lines import merged, split_lines
from nb2prod.merging.outcome import Conflict, Merge
from nb2prod.merging.python import BOTH_CHANGED, DELETED, GONE, order

Cell = Mapping[str, Any]
ALIKE = 0.6  # of their text, for two cells to be the same one changed


def merge_notebook(base: str, hand: str, new: str) -> Merge:
    """The merged notebook. Raises ValueError for what is no notebook."""
    before, mine, theirs = (_read(text) for text in (base, hand, new))
    sides = _named(before["cells"], mine["cells"], theirs["cells"])
    conflicts: list[Conflict] = []
    kept: dict[tuple[str, ...], dict[str, Any]] = {}
    for key in dict.fromkeys((*sides[1], *sides[2])):
        one, other, third = (side.get(key) for side in sides)
        cell = _cell(one, other, third, conflicts)
        if cell is not None:
            kept[key] = cell
    keys = order(list(sides[0]), *([key for key in side if key in kept] for side in sides[1:]))
    rest = [{name: value for name, value in side.items() if name != "cells"} for side in (before, mine, theirs)]
    conflicts += merge_keys(rest[0], rest[1], rest[2])
    done = {**rest[1], "cells": _with_own_ids([kept[key] for key in keys])}
    indent = next((len(line) - len(line.lstrip()) for line in hand.split("\n")[1:] if line.strip()), 1)
    return Merge(json.dumps(done, indent=indent, ensure_ascii=False, sort_keys=True) + "\n", tuple(conflicts))


def source_of(cell: Cell) -> str:
    """The text of a cell."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _read(text: str) -> dict[str, Any]:
    notebook = json.loads(text)
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError("this is no notebook")
    return notebook


def _named(*sides: Sequence[Cell]) -> list[dict[tuple[str, ...], Cell]]:
    """The cells of base, hand and new by names of their own: the same name for the same cell."""
    base, hand, new = sides
    names: list[tuple[str, ...]] = [(str(cell.get("id", f"cell {rank}")),) for rank, cell in enumerate(base)]
    mine: dict[tuple[str, ...], Cell] = {(str(cell.get("id", f"cell {rank}")),): cell for rank, cell in enumerate(hand)}
    theirs: dict[tuple[str, ...], Cell] = {}
    partners = _partners(base, new)
    for rank, cell in enumerate(new):
        partner = partners.get(rank)
        theirs[names[partner] if partner is not None else ("new", str(rank))] = cell
    return [dict(zip(names, base, strict=True)), mine, theirs]


def _partners(base: Sequence[Cell], new: Sequence[Cell]) -> dict[int, int]:
    """Which cell of base each of new is: those with the same text first, then those most alike, in their order."""
    texts = [[(cell.get("cell_type"), source_of(cell)) for cell in side] for side in (base, new)]
    found: dict[int, int] = {}
    blocks = difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_matching_blocks()
    at = (0, 0)
    for block in blocks:
        for rank in range(at[1], block.b):
            likely = [(_alike(base[one], new[rank]), -one) for one in range(at[0], block.a) if one not in found.values()]
            best = max(likely, default=(0.0, 0))
            if best[0] >= ALIKE:
                found[rank] = -best[1]
        found |= {block.b + step: block.a + step for step in range(block.size)}
        at = (block.a + block.size, block.b + block.size)
    return found


def _alike(one: Cell, other: Cell) -> float:
    if one.get("cell_type") != other.get("cell_type"):
        return 0.0
    if one.get("metadata", {}).get("tags") and one["metadata"]["tags"] == other.get("metadata", {}).get("tags"):
        return 1.0
    return difflib.SequenceMatcher(None, source_of(one), source_of(other), autojunk=False).ratio()


def _cell(base: Cell | None, hand: Cell | None, new: Cell | None, conflicts: list[Conflict]) -> dict[str, Any] | None:
    """One cell of which any version may be missing."""
    texts = [source_of(cell) if cell is not None else None for cell in (base, hand, new)]
    if hand is None and base is not None:
        if texts[0] != texts[2] and new is not None:
            conflicts.append(_conflict(base, texts, DELETED))
        return None
    if new is None and base is not None:
        if texts[0] != texts[1]:
            conflicts.append(_conflict(base, texts, GONE))
        return dict(hand) if hand is not None and texts[0] != texts[1] else None
    if hand is None or new is None or base is None:
        return dict(hand or new or {})
    lines = merged(*(split_lines(text or "") for text in texts))
    if lines is None:
        conflicts.append(_conflict(base, texts, BOTH_CHANGED))
        return dict(hand)
    return _filled(hand, "".join(lines), texts[1] or "")


def _filled(hand: Cell, source: str, before: str) -> dict[str, Any]:
    """The hand's cell with the merged text; outputs of another text are no longer its own."""
    lines = source if isinstance(hand.get("source"), str) else split_lines(source)
    stale: dict[str, Any] = {"outputs": [], "execution_count": None} if source != before and "outputs" in hand else {}
    return {**hand, "source": lines, **stale}


def _conflict(cell: Cell, texts: Sequence[str | None], told: str) -> Conflict:
    base, hand, new = (text or "" for text in texts)
    return Conflict(f"cell {cell.get('id', '')}".strip(), base, hand, new, told)


def _with_own_ids(cells: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """No two cells have one id."""
    seen: set[str] = set()
    found = []
    for cell in cells:
        id = cell.get("id")
        rank = 1
        while id is not None and id in seen:
            rank += 1
            id = f"{cell['id']}-{rank}"
        seen |= {id} if id is not None else set()
        found.append(cell if id is None else {**cell, "id": id})
    return found
