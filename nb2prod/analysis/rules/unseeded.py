"""NB203: a result depends on random numbers that nothing seeds.

np.random.rand(3)  with no seed above     ->   NB203 warning: gives other values in every run
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nb2prod.analysis.walk import Walk
from nb2prod.model.dataflow import Location
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, StatementId

CODE = "NB203"
MESSAGE = "draws random numbers from {generator} before anything seeds it: results may differ from run to run"
HINT = "set a seed in a cell above; it becomes a parameter"


def check(notebook: Notebook, walked: Walk, live: Mapping[StatementId, str]) -> Iterator[Diagnostic]:
    """One warning for each generator a live statement draws from unseeded."""
    for generator in ("rng:numpy", "rng:random", "rng:torch"):
        location = Location("ambient", generator)
        for step in walked.steps:
            if location in step.effects.defines:
                break
            if step.id in live and generator in step.touches.drawn:
                yield Diagnostic(CODE, Severity.warning, MESSAGE.format(generator=generator[4:]), HINT, step.id.cell, step.tree.lineno)
                break
