"""The facts of `pyproject.toml`: the distribution's name, its Python and its requirements.

    requirements({"pandas": "2.2.3", "torch": "2.1.0+cpu", "my-lib": ""})   ->   my-lib, pandas==2.2.3, torch==2.1.0

Nothing is looked up: what is not in the plan is left open.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from nb2prod.model.plan import Plan

OLDEST_PYTHON = "3.10"


def distribution_name(plan: Plan) -> str:
    """The package's name as a distribution and as a command."""
    return re.sub(r"[-_.]+", "-", plan.package).strip("-").lower()


def python_version(plan: Plan) -> str:
    """Major and minor version the notebook ran with; the oldest that the package supports where that is unknown or older."""
    match = re.match(r"3\.(\d+)", plan.python)
    return f"3.{max(int(match[1]), 10)}" if match else OLDEST_PYTHON


def requirements(versions: Mapping[str, str]) -> tuple[str, ...]:
    """One requirement a distribution, pinned where the version is known; a local build's label is no part of a published version."""
    pins = {name: version.partition("+")[0] for name, version in versions.items()}
    return tuple(f"{name}=={pins[name]}" if pins[name] else name for name in sorted(pins, key=str.lower))


def toml_text(text: str) -> str:
    """A basic string of TOML, which JSON's strings are but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
