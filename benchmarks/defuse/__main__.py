"""Hold the analysis against the bytecode of real notebooks, and against real runs of them.

PYTHONPATH=benchmarks python -m defuse NOTEBOOK...                      by control flow over the bytecode
PYTHONPATH=benchmarks python -m defuse --python PYTHON NOTEBOOK...      by running them with this interpreter, in copies of their folders
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from defuse.compare import SERIOUS, Disagreement
from defuse.real import disagreements, disagreements_in_run


def main() -> int:
    """Print disagreements by class and explanation; exit 1 if a serious one is not explained."""
    parser = argparse.ArgumentParser(prog="defuse", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--python", type=Path, help="run the notebooks with this interpreter")
    parser.add_argument("--timeout", type=float, default=300, help="seconds one run may take")
    given = parser.parse_args()
    every: list[tuple[Path, Disagreement]] = []
    refused = statements = 0
    for path in given.notebooks:
        if given.python:
            ran, found = disagreements_in_run(path, given.python, given.timeout)
            statements += ran
        else:
            compared = disagreements(path)
            refused, found = refused + (compared is None), compared or []
        every += [(path, one) for one in found]
    table = Counter((one.kind, one.explained) for _, one in every)
    for (kind, why), number in sorted(table.items(), key=lambda item: (item[0][0] not in SERIOUS, item)):
        print(f"{number:7} {kind:13} {why or 'NOT EXPLAINED'}")
    serious = [(path, one) for path, one in every if one.kind in SERIOUS and not one.explained]
    counted = f"{statements} statements ran" if given.python else f"{refused} refused"
    print(f"{len(given.notebooks)} notebooks, {counted}, {len(serious)} serious disagreements not explained")
    for path, one in serious:
        print(f"  {path}: cell {one.statement.cell}.{one.statement.index} {one.kind} `{one.name}`: {one.text!r}")
    return bool(serious)


if __name__ == "__main__":
    sys.exit(main())
