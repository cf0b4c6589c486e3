"""Reasons why nb2prod cannot go on.

    Nb2ProdError
      +-- ReadError        the notebook (or project) cannot be read
      +-- ChoiceError      what was asked for does not exist or does not fit together
      +-- NotebookError    the notebook has errors that make a conversion impossible; carries every diagnostic
      +-- KnowledgeError   a knowledge file is wrong
      +-- RunError         the notebook or package cannot be run at all
      +-- SaveError        the output folder cannot be written, or is not ours to write

Each says what, where, and what to do next. Trouble in the user's notebook that does not stop us is a `Diagnostic`; anything else is our bug.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nb2prod.model.diagnostic import Diagnostic


class Nb2ProdError(Exception):
    """The base of all expected failures: a message for people and a hint about the next step."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ReadError(Nb2ProdError):
    """A file cannot be read as what it should be."""


class ChoiceError(Nb2ProdError):
    """A name, option or value the user gave is not possible."""


class KnowledgeError(Nb2ProdError):
    """A library knowledge file breaks its schema."""


class RunError(Nb2ProdError):
    """Nothing could be run: no such kernel or interpreter."""


class SaveError(Nb2ProdError):
    """The output folder may not or cannot be written."""


class NotebookError(Nb2ProdError):
    """The notebook cannot be converted; `diagnostics` holds every reason at once."""

    def __init__(self, message: str, diagnostics: tuple[Diagnostic, ...], hint: str = "") -> None:
        super().__init__(message, hint)
        self.diagnostics = diagnostics
