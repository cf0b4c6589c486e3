"""Three versions of nested keys and values -> one, key by key; and of JSON and TOML texts by that, where their lines conflict.

base  {"a": 1, "b": 2}      hand  {"a": 5, "b": 2}      new  {"b": 3, "c": 4}     ->   {"a": 5 (conflict: changed and gone), "b": 3, "c": 4}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from nb2prod.merging.lines import merged
from nb2prod.merging.outcome import Conflict, Merge

MISSING: Any = object()
CHANGED = "changed by hand, and nb2prod would write something else; yours stays"


def merge_json(base: str, hand: str, new: str) -> Merge:
    """JSON key by key, in the layout of the hand. Raises ValueError for what is no JSON object."""
    before, mine, theirs = (json.loads(text) for text in (base, hand, new))
    conflicts = merge_keys(before, mine, theirs)
    indent = next((len(line) - len(line.lstrip()) for line in hand.split("\n")[1:] if line.strip()), None)
    return Merge(json.dumps(mine, indent=indent, ensure_ascii=False) + "\n", conflicts)


def merge_toml(base: str, hand: str, new: str) -> Merge:
    """TOML key by key, in the words of the hand. Raises ValueError for what is no TOML."""
    import tomlkit  # late: few projects need it

    before, theirs = (tomlkit.parse(text).unwrap() for text in (base, new))
    mine = tomlkit.parse(hand)
    conflicts = merge_keys(before, mine, theirs)
    return Merge(tomlkit.dumps(mine), conflicts)


def merge_keys(
    base: Any, hand: MutableMapping[str, Any], new: Any, above: str = "", say: Callable[[Any], str] = repr
) -> tuple[Conflict, ...]:
    """Brings into `hand` what new changed against base. Raises ValueError where one of them has no keys."""
    if not all(isinstance(one, Mapping) for one in (base, hand, new)):
        raise ValueError("there are no keys to merge by")
    found: list[Conflict] = []
    for key in dict.fromkeys((*base, *new)):
        before, mine, theirs = base.get(key, MISSING), hand.get(key, MISSING), new.get(key, MISSING)
        plain = getattr(mine, "unwrap", lambda mine=mine: mine)()
        if before == theirs or plain == theirs:
            continue
        name = f"{above}{key}"
        if all(isinstance(one, Mapping) for one in (before, mine, theirs)):
            found += merge_keys(before, mine, theirs, f"{name}.", say)
        elif plain == before:
            _put(hand, key, theirs)
        elif (
            isinstance(plain, list)
            and isinstance(theirs, list)
            and (together := _lists(before if isinstance(before, list) else [], plain, theirs))
        ):
            _extend(hand[key], together)
        else:
            texts = ["" if one is MISSING else say(one) for one in (before, plain, theirs)]
            found.append(Conflict(name, texts[0], texts[1], texts[2], CHANGED))
    return tuple(found)


def _put(hand: MutableMapping[str, Any], key: str, value: Any) -> None:
    if value is MISSING:
        del hand[key]
    else:
        hand[key] = value


def _lists(base: list[Any], hand: list[Any], new: list[Any]) -> list[Any] | None:
    """A list with what either side added or took; None where items have no text to go by."""
    if not all(isinstance(one, str) for one in (*base, *hand, *new)):
        return None
    inside = merged(base, hand, new)
    if inside is not None:
        return inside
    kept = [one for one in hand if one in new or one not in base]
    return kept + [one for one in new if one not in base and one not in kept]


def _extend(mine: Any, wanted: list[Any]) -> None:
    """Makes a list hold what is wanted and leaves the words around its items as they are."""
    for index in range(len(mine) - 1, -1, -1):
        if mine[index] not in wanted:
            del mine[index]
    for one in wanted:
        if one not in mine:
            mine.append(one)
