"""A notebook understood, and nothing of it run: read, analysed, planned. Nothing here loads what writes packages.

read_and_analyze(Path("churn.ipynb"), Choices())   ->   (Notebook, Analysis)
make_plan_for(notebook, analysis, Choices())       ->   Plan
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nb2prod.analysis import analyze
from nb2prod.knowledge import load_knowledge
from nb2prod.knowledge.secrets import masked, secret_texts
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Plan
from nb2prod.planning import make_plan
from nb2prod.reading import read, read_bytes
from nb2prod.reading.beside import local_modules


def read_and_analyze(source: Path, choices: Choices, unsaved: bytes | None = None) -> tuple[Notebook, Analysis]:
    """Read a notebook and analyse it without running anything; `unsaved` is what an editor holds instead of the file.

    Raises:
        ReadError: the file is not a Python notebook.
        ChoiceError: a name to keep does not exist.
    """
    notebook = read(source) if unsaved is None else read_bytes(unsaved, source)
    return notebook, analyze(notebook, load_knowledge(), None, choices)


def make_plan_for(notebook: Notebook, analysis: Analysis, choices: Choices) -> Plan:
    """Plan the package of an analysed notebook that was not run."""
    return make_plan(notebook, analysis, load_knowledge(), choices, None, local_modules(Path(notebook.path)))


def plan_again(notebook: Notebook, choices: Choices) -> tuple[Analysis, Plan]:
    """The analysis and plan of a notebook that was read before."""
    analysis = analyze(notebook, load_knowledge(), None, choices)
    return analysis, make_plan_for(notebook, analysis, choices)


def as_seen(plan: Plan, notebook: Notebook) -> Plan:
    """The plan with its parameters at the lines of their cells as the user sees them."""
    parameters = (replace(one, line=notebook.cells[one.cell].seen_line(one.line)) for one in plan.parameters)
    return replace(plan, parameters=tuple(parameters))


def without_secrets(text: str, notebook: Notebook) -> str:
    """Text with the notebook's secrets masked: reasons quote source."""
    return masked(text, secret_texts(notebook, quoted=False))
