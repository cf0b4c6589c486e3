"""What a notebook's metadata says about its language -> nothing, or a refusal that names the language.

    {"name": "ir", "language": "R"}  ->  ReadError: "a.ipynb: this notebook runs R (kernel 'ir'); nb2prod reads Python notebooks"

What the kernel reported when it last ran (`language_info`) weighs more than the kernel chosen (`kernelspec`); silence means Python.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from nb2prod.errors import ReadError
from nb2prod.model.notebook import Notebook

PYTHON = frozenset({"python", "ipython", "python3", "ipython3", "python2"})
# Kernels known by name, for the files that say no language at all.
KERNELS = MappingProxyType(
    {
        "ir": "R",
        "julia": "Julia",
        "bash": "Bash",
        "iruby": "Ruby",
        "ruby": "Ruby",
        "ijavascript": "JavaScript",
        "javascript": "JavaScript",
        "deno": "TypeScript",
        "scala": "Scala",
        "almond": "Scala",
        "spylon-kernel": "Scala",
        ".net-csharp": "C#",
        ".net-fsharp": "F#",
        "gophernotes": "Go",
        "octave": "Octave",
        "matlab": "MATLAB",
        "sas": "SAS",
        "stata": "Stata",
        "ihaskell": "Haskell",
        "rust": "Rust",
        "sagemath": "SageMath",
    }
)
KERNEL_VERSION = re.compile(r"[-_]?\d[\w.-]*$")


def check_language(path: str, kernelspec: Mapping[str, Any], language_info: Mapping[str, Any]) -> None:
    """Raise `ReadError` when the metadata names another language than Python; silence counts as Python."""
    kernel = str(kernelspec.get("name") or "")
    known = KERNELS.get(KERNEL_VERSION.sub("", kernel.lower()), "")
    said = [str(word) for word in (language_info.get("name"), kernelspec.get("language")) if word]
    other = next((word for word in said or [known] if word and word.lower() not in PYTHON), "")
    named = f" (kernel '{kernel}')" if kernel else ""
    if other:
        raise ReadError(
            f"{path}: this notebook runs {other}{named}; nb2prod reads Python notebooks", "choose a notebook with a Python kernel"
        )


def check_version(path: str, notebook: Notebook) -> None:
    """Raise `ReadError` for a notebook made with Python 2 that does not parse as Python 3; one that does is read as Python 3."""
    version, kernel = notebook.language_version, notebook.kernel
    old = version.startswith("2.") or version == "2" or (not version and kernel == "python2")
    if old and any(cell.syntax_error for cell in notebook.code_cells):
        named = f" (kernel '{kernel}')" if kernel else ""
        raise ReadError(
            f"{path}: this notebook runs Python {version or '2'}{named}; nb2prod reads Python 3 notebooks",
            "move it to Python 3 (lib2to3 or `futurize` help), run it with a Python 3 kernel and save it",
        )
