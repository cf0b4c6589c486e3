"""Three versions of a Python module -> one, definition by definition.

base  def f(): return 1      hand  def f(): return 2       new  def f(): return 1        ->   def f(): return 2
                                                                def g(): ...                  def g(): ...

What only one side changed is taken from there. Where both changed one definition their lines are merged, then what stands between their commas;
the result must parse and must give every name a meaning that it has on one side. Otherwise the hand's definition stays whole, and the conflict is
told with all three versions.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nb2prod.merging.imports import bound_names, comments_in, merge_import
from nb2prod.merging.lines import merged, split_lines
from nb2prod.merging.outcome import Conflict, Merge
from nb2prod.merging.pieces import merged_pieces
from nb2prod.merging.scopes import free_names, mentioned
from nb2prod.merging.units import Key, Unit, join, split, statements

GONE = "edited by hand, and the notebook has nothing for it any more; it stays: delete it if it is not needed"
BOTH_CHANGED = "edited by hand, and the notebook changed it too; yours stays"
BOTH_ADDED = "added by hand, and the notebook now gives something else of this name; yours stays"
BELONGS = "what `{}` returns, of which yours stays"
DELETED = "deleted by hand, and the notebook changed it; it stays deleted"
RETURNED = re.compile(r"^ +return (\w+)\(", re.MULTILINE)


def merge_python(base: str, hand: str, new: str, offers: Sequence[Unit] = ()) -> Merge:
    """The merged module. `offers` are imports from elsewhere that may be needed now, because a definition moved here.

    Raises ValueError where one of the three cannot be read.
    """
    if base == new or hand == new:
        return Merge(hand)
    if base == hand:
        return Merge(new)
    work = _Work()
    units = work.region(split(base), split(hand), split(new), "")
    text = join(_begun(units, work, offers))
    try:
        split(text)
    except ValueError:
        return Merge(hand, (Conflict("", base, hand, new, "the changes of both sides cannot stand together; yours stay"),))
    return Merge(text, tuple(work.conflicts))


@dataclass
class _Work:
    """One merge going on: what is in the way, and whether a definition was put together from both sides."""

    conflicts: list[Conflict] = field(default_factory=list)
    imports: dict[str, tuple[Mapping[Key, Unit], ...]] = field(default_factory=dict)

    def region(self, base: Sequence[Unit], hand: Sequence[Unit], new: Sequence[Unit], inside: str) -> list[Unit]:
        """The merged units of a module or of a class; imports stand there unmerged until all else is known."""
        sides = tuple({unit.key: unit for unit in units} for units in (base, hand, new))
        kept: dict[Key, Unit] = {}
        for key in dict.fromkeys((*sides[1], *sides[2])):
            before, mine, theirs = (side.get(key) for side in sides)
            unit = (mine or theirs) if _is_plain_import((before, mine, theirs)) else self.one(before, mine, theirs, inside)
            if unit is not None:
                kept[key] = replace(unit, lead=_lead(before, mine, theirs))
        self.imports[inside] = sides
        self.keep_together(kept, *sides)
        return [
            kept[key] for key in order(*([key for key in side if key in kept] if side is not sides[0] else list(side) for side in sides))
        ]

    def keep_together(self, kept: dict[Key, Unit], base: Mapping[Key, Unit], hand: Mapping[Key, Unit], new: Mapping[Key, Unit]) -> None:
        """What a definition returns is the hand's too where the definition stays the hand's: one fits the other."""
        stayed = {conflict.name: conflict.hand for conflict in self.conflicts if conflict.hand and conflict.new}
        for name, text in stayed.items():
            for key in (
                [("def", made) for made in RETURNED.findall(text) if ("def", made) in hand and hand["def", made].inner]
                if ("def", name) in hand
                else []
            ):
                if _text(base.get(key)) == _text(hand[key]) != _text(new.get(key)):
                    kept[key] = hand[key]
                    self.conflicts.append(Conflict(key[1], _text(base.get(key)), hand[key].text, _text(new.get(key)), BELONGS.format(name)))

    def one(self, base: Unit | None, hand: Unit | None, new: Unit | None, inside: str) -> Unit | None:
        """One unit of which any version may be missing."""
        if _text(hand) == _text(new) or _text(base) == _text(new):
            return hand
        if _text(base) == _text(hand):
            return new
        if hand is None or new is None or base is None:
            told = DELETED if hand is None else GONE if new is None else BOTH_ADDED
            if hand and new and hand.inner and new.inner:
                return self.members(replace(new, head="", inner=()), hand, new, inside)
            return self.conflict(base, hand, new, inside, told)
        if base.inner and hand.inner and new.inner:
            return self.members(base, hand, new, inside)
        text = self.content(base.text, hand.text, new.text)
        return replace(hand, text=text) if text is not None else self.conflict(base, hand, new, inside, BOTH_CHANGED)

    def members(self, base: Unit, hand: Unit, new: Unit, inside: str) -> Unit | None:
        """A class or a block, member by member."""
        head = merged(*(split_lines(unit.head) for unit in (base, hand, new)))
        text = hand.head if head is None else "".join(head)
        if head is None:
            first, second, third = (replace(unit, text=unit.head) for unit in (base, hand, new))
            self.conflict(first, second, third, inside, BOTH_CHANGED)
        below = _below(inside, hand)
        inner = self.region(base.inner, hand.inner, new.inner, below)
        if hand.kind == "if":
            inner = self.with_imports(inner, below, frozenset())
        if not inner and hand.kind == "if":
            return None
        if not any(unit.kind != "note" for unit in inner):
            indent = hand.inner[0].text[: len(hand.inner[0].text) - len(hand.inner[0].text.lstrip())]
            inner.append(Unit(("statement", "Pass"), f"{indent}pass\n"))
        return hand.with_inner(text, inner)

    def content(self, base: str, hand: str, new: str) -> str | None:
        """The text of a definition that both sides changed, where that can be told apart and stands to reason."""
        lines = merged(*(split_lines(text) for text in (base, hand, new)))
        candidates = ("".join(lines) if lines is not None else None, merged_pieces(base, hand, new))
        return next((text for text in candidates if text is not None and _coherent(text, hand, new)), None)

    def conflict(self, base: Unit | None, hand: Unit | None, new: Unit | None, inside: str, told: str) -> Unit | None:
        """Says so, and leaves it to the hand."""
        name = _below(inside, hand or new or base)
        self.conflicts.append(Conflict(name, _text(base), _text(hand), _text(new), told))
        return hand

    def with_imports(self, units: list[Unit], inside: str, needed: frozenset[str]) -> list[Unit]:
        """The units with their imports merged. No name is bound twice by two sides: the hand's goes first."""
        sides = self.imports[inside]
        found = []
        for unit in units:
            before, mine, theirs = (side.get(unit.key) for side in sides)
            made = merge_import(before, mine, theirs, needed) if _is_plain_import((before, mine, theirs)) else unit
            if made is not None:
                found.append(replace(made, lead=unit.lead))
        return _bound_once(found, sides[1])


def order(base: Sequence[Key], hand: Sequence[Key], new: Sequence[Key]) -> list[Key]:
    """All units of hand and new: in the order of who changed the order, what the other has besides behind what it stood behind."""
    moved = [key for key in base if key in set(hand)] != [key for key in hand if key in set(base)]
    main, other = (hand, new) if moved else (new, hand)
    found = list(main)
    for rank, key in enumerate(other):
        if key not in found:
            before = next((found.index(one) for one in reversed(other[:rank]) if one in found), -1)
            found.insert(before + 1, key)
    return found


def _begun(units: list[Unit], work: _Work, offers: Sequence[Unit]) -> list[Unit]:
    """The module with its imports: docstring first, then what must come first, and every name that is mentioned."""
    code = join(unit for unit in units if unit.kind != "import")
    try:
        needed, open_names = mentioned(code), free_names(code)
    except SyntaxError:
        needed = open_names = frozenset()
    units = work.with_imports(units, "", needed)
    there = {name for unit in units if unit.kind == "import" for name in bound_names(unit)} | _defined(units)
    missing = [offer for offer in offers if bound_names(offer) & open_names - there]
    docs = [unit for unit in units if unit.kind == "doc"]
    future = [unit for unit in units if unit.key[:3] == ("import", "from", "__future__")]
    first = {unit.key for unit in (*docs, *future)}
    rest = [unit for unit in units if unit.key not in first]
    above = next((rank for rank, unit in enumerate(units) if unit.key in first or unit.kind != "note"), 0) if first else 0
    notes = units[:above]
    rest = [unit for unit in rest if unit not in notes]
    place = max((rank + 1 for rank, unit in enumerate(rest) if unit.kind == "import"), default=0)
    return _spaced([*notes, *docs, *future, *rest[:place], *missing, *rest[place:]])


def _spaced(units: Sequence[Unit]) -> list[Unit]:
    """The first unit at the top, and definitions apart from what stands above them."""
    found: list[Unit] = []
    for unit in units:
        least = (
            2 if unit.kind == "def" and found[-1:] and found[-1].kind != "note" else 1 if found and found[-1].kind in ("doc", "def") else 0
        )
        found.append(replace(unit, lead=max(unit.lead, least) if found else 0))
    return found


def _bound_once(units: Sequence[Unit], hand: Mapping[Key, Unit]) -> list[Unit]:
    mine = {name: unit.key for key, unit in hand.items() if key[0] == "import" for name in bound_names(unit)}
    found = []
    for unit in units:
        if unit.kind == "import" and unit.key not in hand:
            twice = {name for name in bound_names(unit) if name in mine and mine[name] != unit.key}
            if twice and twice == bound_names(unit):
                continue
        found.append(unit)
    return found


def _defined(units: Iterable[Unit]) -> frozenset[str]:
    names: set[str] = set()
    for unit in units:
        if unit.kind in ("def", "name"):
            names.add(unit.name)
        names |= {name for inner in unit.inner if unit.kind == "if" and inner.kind == "import" for name in bound_names(inner)}
    return frozenset(names)


def _is_plain_import(three: Sequence[Unit | None]) -> bool:
    """Whether it is an import and all that was changed about it is what it imports; a changed comment is merged as text."""
    comments = [comments_in(unit.text) for unit in three if unit is not None]
    return any(unit is not None and unit.kind == "import" for unit in three) and all(one == comments[0] for one in comments)


def _coherent(text: str, hand: str, new: str) -> bool:
    """Whether a merged definition is Python, and takes nothing from outside that neither side takes from there."""
    try:
        return len(statements(text)) == len(statements(hand)) and free_names(text) <= free_names(hand) | free_names(new)
    except SyntaxError:
        return False


def _lead(base: Unit | None, hand: Unit | None, new: Unit | None) -> int:
    if hand is None or new is None:
        return (hand or new or Unit(("", ""), "")).lead
    return new.lead if base is not None and base.lead == hand.lead and hand.kind != "import" else hand.lead


def _below(inside: str, unit: Unit | None) -> str:
    name = (unit.name if unit.kind in ("def", "name", "if") else textwrap.shorten(unit.text, 40, placeholder=" ...")) if unit else ""
    return f"{inside}.{name}" if inside else name


def _text(unit: Unit | None) -> str:
    return unit.text if unit is not None else ""
