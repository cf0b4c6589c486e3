"""What can be mended in a notebook without a change of its code: saved outputs that must not or cannot stand there.

An output that shows a secret (NB206), or that cannot come from the code above it (NB106)   ->   the cell without that output

Only outputs of those cells change. Their execution counts and the name of an error stay, since they tell in which order the cells ran.
"""

from __future__ import annotations

import json
from pathlib import Path

from nb2prod.errors import SaveError
from nb2prod.model.survey import Survey
from nb2prod.saving import write_whole

MENDED = {"NB106", "NB206"}


def fix_outputs(survey: Survey) -> bool:
    """Take the outputs away; gives whether the file was changed. Raises SaveError where it cannot be written."""
    path = Path(survey.path)
    cells = {finding["cell"] for finding in survey.diagnostics if finding["code"] in MENDED and finding["cell"] is not None}
    if not cells or path.suffix != ".ipynb":
        return False
    text = path.read_bytes().decode("utf-8-sig")
    data = json.loads(text)
    changed = [cell for index, cell in enumerate(data.get("cells", ())) if index in cells and cell.get("outputs")]
    for cell in changed:
        cell["outputs"] = [{**one, "evalue": "", "traceback": []} for one in cell["outputs"] if one.get("output_type") == "error"]
    if changed:
        _write(path, json.dumps(data, indent=_indent(text), ensure_ascii=False) + ("\n" if text.endswith("\n") else ""))
    return bool(changed)


def _indent(text: str) -> int | None:
    """How far the second line is indented, as editors differ."""
    lines = text.splitlines()
    return len(lines[1]) - len(lines[1].lstrip(" ")) if len(lines) > 1 else None


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text.encode("utf-8"))
    except (OSError, UnicodeEncodeError) as error:
        raise SaveError(
            f"{path}: its outputs could not be taken away ({error})", "make the file writable, or clear them in Jupyter"
        ) from None
