"""Text as files give it -> text every later step can split, parse and write.

    "a = 1\\r\\nb = 2"  ->  "a = 1\\nb = 2"
    "done \\ud83d"      ->  "done \\ufffd"

Pure functions of text; none of them changes the number of lines a reader sees.
"""

from __future__ import annotations

import re

SURROGATE = re.compile("[\ud800-\udfff]")
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def with_newlines(text: str) -> str:
    """The text with every line ending written as one newline, as Python itself reads source code."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def has_surrogates(text: str) -> bool:
    """Whether the text holds half of a surrogate pair: valid in JSON, impossible in UTF-8."""
    return SURROGATE.search(text) is not None


def without_surrogates(text: str) -> str:
    """The text with each half of a surrogate pair replaced by U+FFFD, so that it can be written again."""
    return SURROGATE.sub("\ufffd", text)


def without_colours(text: str) -> str:
    """The text without the terminal's colour codes."""
    return ANSI.sub("", text)
