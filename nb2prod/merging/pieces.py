"""Three versions of one definition whose lines conflict -> one merged argument by argument, where the changes are to different ones.

base  load(path, sep=",")     hand  load(path, sep=";")     new  load(path, sep=",", nrows=5)     ->   load(path, sep=";", nrows=5)

Within brackets a piece is what stands between two commas, elsewhere it is a line. Layout is no change.
"""

from __future__ import annotations

import io
import token
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, field

from nb2prod.merging.lines import chunks

OPEN, CLOSE = ("(", "[", "{"), (")", "]", "}")


@dataclass(frozen=True)
class Piece:
    """A piece by its code; `raw` is the code as it stands with the blanks and comments after it, and takes no part in comparisons."""

    code: str
    item: bool = field(compare=False)
    raw: str = field(compare=False)


def merged_pieces(base: str, hand: str, new: str) -> str | None:
    """The merge, or None where both changed the same piece or a text cannot be read."""
    try:
        ours, mine, theirs = (_pieces(text) for text in (base, hand, new))
    except (tokenize.TokenError, SyntaxError):  # IndentationError is one
        return None
    found: list[Piece] = []
    for chunk in chunks(ours, mine, theirs):
        if chunk.take == "both":
            together = _around(ours[chunk.base], mine[chunk.hand], theirs[chunk.new])
            if together is None:
                return None
            found += together
        elif chunk.take == "same" and chunk.base.stop - chunk.base.start == chunk.hand.stop - chunk.hand.start:
            found += map(_laid_out, ours[chunk.base], mine[chunk.hand], theirs[chunk.new])
        else:
            found += theirs[chunk.new] if chunk.take == "new" else mine[chunk.hand]
    return _joined(found)


def _around(base: Sequence[Piece], hand: Sequence[Piece], new: Sequence[Piece]) -> list[Piece] | None:
    """The pieces one side put right before or behind what the other changed, around that; None where both changed the same."""
    for inserting, changing in ((new, hand), (hand, new)):
        places = [at for at in range(len(inserting) - len(base) + 1) if list(inserting[at : at + len(base)]) == list(base)]
        if base and len(places) == 1:
            return [*inserting[: places[0]], *changing, *inserting[places[0] + len(base) :]]
    return None


def _laid_out(base: Piece, hand: Piece, new: Piece) -> Piece:
    """A piece nobody changed, in the layout of who changed that."""
    return new if hand.raw == base.raw else hand


def _joined(pieces: Sequence[Piece]) -> str:
    """The text; between two items of a bracket there is a comma."""
    texts = []
    for piece, following in zip(pieces, (*pieces[1:], None), strict=True):
        needs = piece.item and following is not None and not following.code.startswith(CLOSE)
        has = piece.raw[len(piece.code) :].lstrip().startswith(",") or not piece.code or piece.code.endswith((*OPEN, ","))
        texts.append(f"{piece.code}, {piece.raw[len(piece.code) :].lstrip(' ')}" if needs and not has else piece.raw)
    return "".join(texts)


def _pieces(text: str) -> list[Piece]:
    """The pieces of a text, with everything between them in their `raw`."""
    starts = _starts(text)
    lines = text.split("\n")
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    places = [(offsets[row - 1] + column, item) for row, column, item in starts]
    found = [Piece("", False, text[: places[0][0]])] if places and places[0][0] else []
    for (start, item), (end, _) in zip(places, (*places[1:], (len(text), False)), strict=True):
        raw = text[start:end]
        found.append(Piece(_code(raw) if item else raw.rstrip(), item, raw) if raw.strip() else Piece("", False, raw))
    return found


def _code(raw: str) -> str:
    """An item without the comma and the blanks behind it."""
    code = raw.rstrip()
    return code[:-1].rstrip() if code.endswith(",") and len(code) > 1 else code


def _starts(text: str) -> list[tuple[int, int, bool]]:
    """Where the pieces begin, and whether within brackets: lines with their indentation, what follows an opening bracket or a comma there, and
    closing brackets."""
    found: list[tuple[int, int, bool]] = []
    depth, fresh = 0, True
    for one in tokenize.generate_tokens(io.StringIO(text).readline):
        if one.type in (token.INDENT, token.DEDENT, token.NEWLINE, token.ENDMARKER, tokenize.NL):
            fresh = fresh or one.type == token.NEWLINE or (one.type == tokenize.NL and depth == 0)
            continue
        if one.string in CLOSE and one.type == token.OP:
            depth -= 1
            fresh = True
        if fresh and not (one.type == tokenize.COMMENT and depth):
            found.append((one.start[0], one.start[1] if depth else 0, depth > 0))
            fresh = False
        if one.type == token.OP and one.string in OPEN:
            depth += 1
            fresh = True
        elif one.type == token.OP and one.string == "," and depth:
            fresh = True
    return found
