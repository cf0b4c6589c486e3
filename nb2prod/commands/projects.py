"""A project that `convert` wrote, as the commands need it: its manifest, its parameters, and what runs it.

read_manifest(Path("churn"))["package"]               ->   "churn"
checked_texts(manifest, {"test_sise": "0.3"})          ->   ChoiceError: unknown parameter `test_sise` (did you mean test_size?)
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nb2prod.errors import ChoiceError, ReadError
from nb2prod.saving import MANIFEST


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a project. Raises `ReadError` for a folder that is none."""
    path = folder / MANIFEST
    hint = "name a folder that `nb2prod convert` wrote"
    if not path.is_file():
        raise ReadError(f"{folder}: this is not a project of nb2prod: it has no {MANIFEST}", hint)
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReadError(f"{path}: cannot be read: {error}", "convert the notebook again") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("package"), str) or not isinstance(manifest.get("parameters"), list):
        raise ReadError(f"{path}: this is not a manifest of nb2prod", hint)
    return manifest


def check_parameters(manifest: Mapping[str, Any], names: Mapping[str, object], where: str = "") -> None:
    """Refuse, before anything runs, parameters that do not exist and secrets on a command line. Raises `ChoiceError`."""
    known = {parameter["name"]: parameter for parameter in manifest["parameters"]}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(known) or 'this package has none'}"
            raise ChoiceError(f"{where}unknown parameter `{name}`", hint)
        if known[name].get("secret"):
            variable = f"{manifest['package']}_{name}".upper()
            raise ChoiceError(f"{where}`{name}` is secret and is not taken from here", f"set the environment variable {variable}")
