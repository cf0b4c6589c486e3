"""Trouble in the user's notebook, as data: collected, ordered by cell, shown all at once.

Diagnostic("NB201", Severity.warning, "`os.chdir` moves the working directory", hint="use a path parameter", cell=4, line=2)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(str, Enum):
    """How bad it is: an error stops the conversion, a warning deserves a look, a note only informs."""

    error = "error"
    warning = "warning"
    note = "note"


@dataclass(frozen=True)
class Diagnostic:
    """One finding: a stable code, a message that says what, the cell and line where (None: the whole notebook), and what to do next."""

    code: str
    severity: Severity
    message: str
    hint: str = ""
    cell: int | None = None
    line: int | None = None

    @property
    def page(self) -> str:
        """Where the documentation explains it."""
        return f"docs/diagnostics.md#{self.code.lower()}"
