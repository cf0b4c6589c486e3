"""Plan -> Project: the files of the package.

Takes the plan, the notebook its code comes from, and what goes beside the code (the recording, the job, the input files); gives every file
as text, sorted by path. It decides nothing but layout, never reads or writes the disk, and never runs anything.

    Stage("load_customers", module="data", ...)   ->   File("src/churn/data.py", "...def load_customers(...)...")
"""

from __future__ import annotations

from collections.abc import Mapping

from nb2prod.knowledge.secrets import secret_texts
from nb2prod.model.job import Job
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Plan
from nb2prod.model.project import File, Project
from nb2prod.model.recording import Recording

__all__ = ["write_package"]


def write_package(
    plan: Plan,
    notebook: Notebook,
    recording: Recording | None,
    job: Job,
    inputs: Mapping[str, bytes],
    unstable: frozenset[str] = frozenset(),
) -> Project:
    """The package without its job files, report and manifest.

    `inputs` and `unstable` are as in `render_scaffold`. Raises ValueError when the plan asks for what Python cannot say, which is our bug.
    """
    from nb2prod.codegen.modules import write_modules  # late, with all that writes code: who only tells of a notebook does without it
    from nb2prod.codegen.report.secrets import without
    from nb2prod.codegen.scaffold import render_scaffold

    files = (*write_modules(plan, notebook), *render_scaffold(plan, job, recording, inputs, unstable))
    secrets = secret_texts(notebook, quoted=False)  # left in comments, prose and recorded values: in code, parameters are in their place
    masked = [
        file if isinstance(file.content, bytes) else File(file.path, without(laid_out(file.path, file.content), secrets)) for file in files
    ]
    return Project(plan.package, tuple(sorted(masked, key=lambda file: file.path)))


def laid_out(path: str, text: str) -> str:
    """Python as black lays it out; any other text as it is, and what is the same in every package, which is kept so."""
    from nb2prod.codegen.modules import formatted

    return formatted(text) if path.endswith(".py") and not path.startswith("tests/snapshots/") else text
