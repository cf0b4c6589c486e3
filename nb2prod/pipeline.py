"""The spine: a notebook in, a proved project out. Every step is one line of `convert`; the nouns are in `model/`.

    convert(Path("churn.ipynb"), Choices())   ->   Conversion(notebook, recording, analysis, plan, project, verdict)

Nothing here touches the disk but `read`, the `Runner` and what `reading.beside` reads; `saving.save` writes the project afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nb2prod.converting import Conversion, attempt, finish, proved, renewed, with_recorded
from nb2prod.converting.once import NOT_RUN
from nb2prod.converting.searching import Progress
from nb2prod.errors import ReadError
from nb2prod.model.choices import Choices
from nb2prod.model.project import Project
from nb2prod.model.verdict import Verdict
from nb2prod.proving import on_sample, prove, secret_variables, why_spoiled
from nb2prod.reading import read
from nb2prod.reading.project import find_notebook, reopen
from nb2prod.recording import Runner
from nb2prod.renewing import Look, nothing_there, remembered
from nb2prod.understanding import make_plan_for, plan_again, read_and_analyze

__all__ = ["Conversion", "convert", "verify_project"]


def convert(source: Path, choices: Choices, progress: Progress = lambda step: None, look: Look = nothing_there) -> Conversion:
    """Turn a notebook into a project and prove it, merged with the earlier project that `look` finds for the package's name.

    On a difference what was dropped is restored and everything made again: a package that gives the notebook's results comes before a small one.

    Raises:
        ReadError, ChoiceError, NotebookError, RunError: see `errors`.
    """
    progress("reading")
    notebook, analysis = read_and_analyze(source, choices)
    plan = make_plan_for(notebook, analysis, choices)  # what cannot be converted is said before anything runs
    earlier = look(plan.package)
    if earlier is not None:
        choices = remembered(choices, earlier)
        notebook, analysis = read_and_analyze(source, choices)
    runner = Runner(choices)
    progress("running the notebook")
    recording = runner.record(notebook, analysis.order) if choices.run else None
    progress("writing the package")
    if recording is None or (spoiled := why_spoiled(notebook, analysis, recording)):
        verdict = Verdict("unknown", spoiled) if recording is not None else NOT_RUN
        conversion = replace(attempt(notebook, None, choices, frozenset()), recording=recording, verdict=verdict)
        conversion = renewed(conversion, choices, earlier, progress, runs=False)
        return replace(conversion, project=finish(conversion, choices))
    conversion, made_with = proved(notebook, recording, choices, progress)
    if conversion.verdict.outcome == "same":  # what a package that differs does must not become what is expected of it
        progress("recording what the stages do")
        conversion = with_recorded(conversion, made_with, earlier)
    conversion = renewed(conversion, choices, earlier, progress)
    progress("finishing")
    return replace(conversion, project=finish(conversion, made_with))


def verify_project(
    folder: Path, choices: Choices, progress: Progress = lambda step: None, moved_to: Path | None = None
) -> tuple[Project, Verdict]:
    """Run a saved project's notebook and package again and compare; gives the project with its verdict brought up to date.

    The notebook may have `moved_to` another place; without that it is also looked for beside the project.

    Raises:
        ReadError: the folder holds no project, or its notebook is gone or has changed.
    """
    saved, proof = reopen(folder)
    path = find_notebook(folder, proof, moved_to)
    notebook = read(path)
    if notebook.sha256 != proof.sha256:
        raise ReadError(
            f"{path}: the notebook has changed since {folder} was made from it", f"convert it again: nb2prod convert {path} -o {folder}"
        )
    told = replace(
        proof.choices,
        **{name: getattr(choices, name) for name in ("timeout", "sandbox", "variables", "sample")},
        **{name: getattr(choices, name) or getattr(proof.choices, name) for name in ("kernel", "python", "memory", "data")},
    )
    proof = replace(proof, choices=told)
    runner = Runner(told)
    progress("running the notebook")
    recording = runner.record(notebook, proof.order)
    progress("running the package")
    analysis, plan = plan_again(notebook, told)
    proven = prove(notebook, analysis, saved, proof, recording, secret_variables(notebook, analysis, plan))
    verdict = on_sample(proven.verdict, recording, told.sample)
    manifest = {
        **saved.manifest,
        "verdict": verdict.outcome,
        "verdict_reason": verdict.reason,
        "comparisons": [comparison.facts() for comparison in verdict.comparisons],
    }
    return replace(saved, manifest=manifest), verdict
