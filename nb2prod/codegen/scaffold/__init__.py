"""A plan, its job and its recording -> every file of the project that is not stage code, job files, report or manifest.

    Plan("customer_churn", ...)   ->   pyproject.toml, README.md, src/customer_churn/{__main__,parameters,...}.py, tests/, notebooks/, conf/

Takes nouns and the bytes of the notebook's inputs, gives files; never reads or writes a disk, and gives the same bytes for the same nouns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nb2prod.codegen.literals import literal, spelled
from nb2prod.codegen.notebook import render_notebook
from nb2prod.codegen.parameters_module import kind_of, render_parameters_module
from nb2prod.codegen.scaffold.conf import render_conf
from nb2prod.codegen.scaffold.project import distribution_name, python_version, requirements, toml_text
from nb2prod.codegen.scaffold.readme import example, render_readme
from nb2prod.codegen.templating import render
from nb2prod.codegen.tests_module import local_files, render_tests
from nb2prod.codegen.words import config_option, figures_option, help_option
from nb2prod.model.job import Job
from nb2prod.model.plan import Plan
from nb2prod.model.project import File
from nb2prod.model.recording import Recording

LOCK = "requirements.lock"


def render_scaffold(
    plan: Plan, job: Job, recording: Recording | None, inputs: Mapping[str, bytes], unstable: frozenset[str] = frozenset()
) -> tuple[File, ...]:
    """All files but the stage modules, `pipeline.py`, `jobs/`, `REPORT.html` and `nb2prod.json`, in order of their paths.

    `inputs` maps paths relative to the notebook to contents: small ones become test data, local modules go to `src/`. The values of the
    results named in `unstable` (they differ between two runs of the notebook itself) are not asserted by the tests.
    """
    values = _values(plan)
    pages = {
        ".dockerignore": "dockerignore.jinja",
        ".github/workflows/ci.yml": "ci.yml.jinja",
        ".gitignore": "gitignore.jinja",
        "Dockerfile": "Dockerfile.jinja",
        "pyproject.toml": "pyproject.toml.jinja",
        f"src/{plan.package}/__init__.py": "init.py.jinja",
        f"src/{plan.package}/__main__.py": "main.py.jinja",
        f"src/{plan.package}/job.py": "job.py.jinja",
        f"src/{plan.package}/job_files.py": "job_files.py.jinja",
    }
    if values["contracts"]:
        pages[f"src/{plan.package}/contract_checks.py"] = "contract_checks.py.jinja"
    files = [File(path, render(template, **values)) for path, template in pages.items()]
    files += [
        File("README.md", render_readme(plan, job, recording, inputs)),
        File(f"src/{plan.package}/parameters.py", render_parameters_module(plan)),
        File(f"src/{plan.package}/py.typed", ""),
        File(f"notebooks/{plan.package}.ipynb", render_notebook(plan)),
        *(File(f"src/{path}", inputs[path]) for path in local_files(plan, inputs)),
        *([File(LOCK, render("requirements.lock.jinja", pins=requirements(plan.lock)))] if plan.lock else []),
        *render_conf(plan),
        *render_tests(plan, recording, inputs, unstable),
    ]
    return tuple(sorted(files, key=lambda file: file.path))


def _values(plan: Plan) -> dict[str, Any]:
    """What the simple templates fill in."""
    summary = " ".join((plan.title or plan.package).split())
    return {
        "package": plan.package,
        "title": summary,
        "summary": _docstring(summary),
        "description": toml_text(summary),
        "example": _docstring(example(plan)),
        "distribution": distribution_name(plan),
        "python": python_version(plan),
        "requirements": requirements(plan.requirements),
        "unnamed": ", ".join(map(toml_text, plan.unnamed)),
        "lock": bool(plan.lock),
        "contracts": bool(plan.tables),
        "local_modules": plan.local_modules,
        "unchecked": ", ".join(toml_text(text) for name in plan.local_modules for text in (name, f"{name}.*")),
        "stage_modules": sorted({*(stage.module for stage in plan.stages), *(definition.module for definition in plan.definitions)}),
        **_job_values(plan),
        "config_option": config_option(plan),
        "figures_option": figures_option(plan),
        "help_options": ", ".join(literal(name) for name in ("-h", help_option(plan))) if help_option(plan) != "-h" else literal("-h"),
    }


def _job_values(plan: Plan) -> dict[str, Any]:
    """What a run as a job must know: the parameters it must not show, those that are days, the files it writes."""
    written = [result.path for result in plan.results if result.kind == "file" and result.path]
    return {
        "secrets": sorted(parameter.name for parameter in plan.parameters if parameter.secret),
        "dates": sorted(parameter.name for parameter in plan.parameters if kind_of(parameter) == "date"),
        "files": tuple(sorted({path for path in written if not path.startswith(("/", ".."))})),
        "reaches_up": any(path.startswith("..") for path in plan.inputs),
    }


def _docstring(text: str) -> str:
    """Text that can stand in a triple-quoted string."""
    return spelled(text.replace("\\", "\\\\").replace('"""', "'''"))
