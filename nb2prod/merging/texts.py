"""Bytes of a file -> text that can be merged line by line, and back in the manner of the hand: its line ends, its byte order mark, its last line.

b"\\xef\\xbb\\xbfa = 1\\r\\nb = 2"   ->   Text("a = 1\\nb = 2\\n", end="\\r\\n", mark=True, closed=False)
"""

from __future__ import annotations

from dataclasses import dataclass

MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Text:
    """A text with line feeds and a closed last line, and how the file has it."""

    text: str
    end: str = "\n"
    mark: bool = False
    closed: bool = True

    def bytes(self, text: str) -> bytes:
        """Another text in this file's manner."""
        if not self.closed and self.text and text.endswith("\n"):
            text = text[:-1]
        return (MARK if self.mark else b"") + text.replace("\n", self.end).encode("utf-8")


def text_of(content: bytes) -> Text | None:
    """The text of a file; None for what is no UTF-8 text."""
    mark = content.startswith(MARK)
    try:
        text = content[len(MARK) if mark else 0 :].decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    end = "\r\n" if "\r\n" in text and text.count("\r\n") == text.count("\n") else "\n"
    text = text.replace("\r\n", "\n") if end == "\r\n" else text
    closed = not text or text.endswith("\n")
    return Text(text if closed else f"{text}\n", end, mark, closed)
