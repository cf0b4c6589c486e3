"""What a conversion into an earlier project has to be saved with, and what people are told of the merge.

warning: churn/src/churn/model.py line 12: `train`: edited by hand, and the notebook changed it too; yours stays (cell 25)
         both sides: churn/.nb2prod/conflicts/src/churn/model.py.diff
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nb2prod.commands.terminal import is_verbose, paint
from nb2prod.saving import Merged

if TYPE_CHECKING:
    from nb2prod.merging import Remark
    from nb2prod.pipeline import Conversion

CONFLICTS = ".nb2prod/conflicts/"


def merged_files(conversion: Conversion) -> Merged | None:
    """What saving needs to know of the merge; None where there was none."""
    earlier, renewal = conversion.earlier, conversion.renewal
    if earlier is None or renewal is None:
        return None
    made = {file.path for file in conversion.project.files}
    before = {*earlier.ancestor.digests, *(path for path in earlier.there if path.startswith(CONFLICTS))}
    return Merged(earlier.there.seen, renewal.ancestor.digests, tuple(sorted(before - made)))


def conflicts_of(conversion: Conversion) -> list[Remark]:
    """What could not be merged."""
    return [remark for remark in remarks_of(conversion) if remark.conflict]


def remarks_of(conversion: Conversion) -> tuple[Remark, ...]:
    return conversion.renewal.remarks if conversion.renewal else ()


def show_remarks(conversion: Conversion, folder: Path) -> None:
    """Conflicts, and what a person should know anyhow, to stderr; other remarks when verbose."""
    for remark in remarks_of(conversion):
        if remark.conflict or remark.always or is_verbose():
            for line in told(remark, folder):
                click.echo(line, err=True)


def told(remark: Remark, folder: Path) -> list[str]:
    """A remark in one line, and one more for the file that shows both sides."""
    place = f"{folder / remark.path}" + (f" line {remark.line}" if remark.line else "")
    cells = f" (cell{'s' if len(remark.cells) > 1 else ''} {', '.join(map(str, remark.cells))})" if remark.cells else ""
    kind = paint("conflict:", "warning") if remark.conflict else paint("note:", "note")
    beside = [f"  both sides: {folder / remark.beside}; delete it when the conflict is settled"] if remark.beside else []
    return [f"{kind} {place}: {remark.told}{cells}", *beside]
