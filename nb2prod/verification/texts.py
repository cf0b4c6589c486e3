"""Two texts -> whether they say the same: equal, or equal but for floats written out to their last digit that are close.

    "loss 0.30000000000000004\\n" and "loss 0.3\\n"        ->   same
    "<Ball at 0x7f01>" and "<Ball at 0x7f99>"             ->   same
    "12 rows" and "13 rows"                               ->   different, line 1
    "0.80" and "0.8", "v1.10" and "v1.1"                  ->   different: what was rounded or formatted is compared as it stands

Whole numbers must be equal to the digit: an order number is no measurement.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from nb2prod.model.recording import CUT
from nb2prod.verification.numbers import close

# Only where Python itself says where an object lies: a hexadecimal number anywhere else is data.
ADDRESS = re.compile(r"(?<= at )0x[0-9a-fA-F]{6,16}(?=[>,])")
OWNER = re.compile(r"<(?:class ')?(?:[\w.]+\.)?(?:<locals>\.)?(\w+)( object)? at 0x")
# The moment a statsmodels summary was made, in the layout only such a summary has.
MADE = re.compile(r"^(Date: {10,}|Time: {10,})(?:\w{3}, \d{2} \w{3} \d{4}|\d{4}-\d{2}-\d{2} \d{2}:\d{2}|\d{2}:\d{2}:\d{2})", re.MULTILINE)
LAST_DIGIT = 15  # significant digits from which a written float may be more exact than it is meant
FLOAT = re.compile(r"[-+]?(?:\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)")


def masked(text: str) -> str:
    """Text without what differs between any two processes: addresses, modules of classes, a terminal's line ends."""
    text = text.replace("\r\n", "\n")
    text = MADE.sub(r"\1…", text) if "Date: " in text or "Time: " in text else text
    return OWNER.sub(r"<\1\2 at 0x", ADDRESS.sub("0x…", text)) if "0x" in text else text


def same_text(expected: str, actual: str) -> bool:
    """Whether two texts agree, floats within the tolerance."""
    if expected == actual:
        return True
    expected, actual = masked(expected), masked(actual)
    if FLOAT.sub("#", expected) != FLOAT.sub("#", actual):
        return False
    pairs = zip(FLOAT.findall(expected), FLOAT.findall(actual), strict=True)
    return all(left == right or (_in_full(left, right) and close(float(left), float(right))) for left, right in pairs)


def _in_full(*floats: str) -> bool:
    """Whether one of two written floats has so many digits that the last ones may be rounding noise."""
    return any(len(re.split("[eE]", text)[0].lstrip("+-0.").replace(".", "")) >= LAST_DIGIT for text in floats)


def first_difference(expected: str, actual: str) -> str:
    """The first line that differs; empty when there is none."""
    if same_text(expected, actual):
        return ""
    lines = zip_longest(expected.splitlines(), actual.splitlines())
    for number, (left, right) in enumerate(lines, 1):
        if left is None:
            return f"line {number}: only the package has {_short(right or '')}"
        if right is None:
            return f"line {number}: only the notebook has {_short(left)}"
        if not same_text(left, right):
            return f"line {number}: {_short(left)} in the notebook, {_short(right)} in the package"
    return "white space at the ends of lines differs"


def uncut(text: str) -> tuple[str, bool]:
    """A text without the mark of a cut, and whether it was cut."""
    return text.replace(CUT, ""), CUT in text


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
