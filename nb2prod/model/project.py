"""The package as files, not yet on disk.

Project("customer_churn", files=(File("src/customer_churn/data.py", "..."), ...), manifest={...})
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class File:
    """One file: its path relative to the project with forward slashes, and its text (or bytes for a copied data file)."""

    path: str
    content: str | bytes


@dataclass(frozen=True)
class Project:
    """All files of a package and its manifest (`nb2prod.json` as data; it is written when the verdict is known)."""

    package: str
    files: tuple[File, ...]
    manifest: Mapping[str, Any] = field(default_factory=dict)

    def file(self, path: str) -> File:
        return next(file for file in self.files if file.path == path)
