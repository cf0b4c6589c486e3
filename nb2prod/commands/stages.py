"""The stages of a project on disk, and the modules with which its package runs them as tasks.

with_task_modules(Job("churn", ..., tasks=(Task("load", ("load_customers",)), ...)), manifest, Path("churn"))
  ->   the job with what each task waits for, and src/churn/tasks.py with the modules beside it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nb2prod.errors import ChoiceError, ReadError
from nb2prod.model.job import Job
from nb2prod.model.project import File


def stages_of(manifest: Mapping[str, Any], folder: Path) -> list[dict[str, Any]]:
    """The stages as the manifest tells them. Raises `ChoiceError` where `pipeline.py` no longer calls them, or they were told by an older version."""
    from nb2prod.codegen.tasks_module import read_pipeline

    stages: list[dict[str, Any]] = manifest["stages"]
    called = [call.stage for call in read_pipeline(pipeline_text(manifest, folder), manifest["package"]).calls]
    if called != [stage["name"] for stage in stages] or not all({"types", "updates", "shares", "after"} <= set(stage) for stage in stages):
        raise ChoiceError(f"{folder}: pipeline.py and nb2prod.json do not tell of the same stages", "convert the notebook again")
    return stages


def pipeline_text(manifest: Mapping[str, Any], folder: Path) -> str:
    """The text of `pipeline.py`. Raises `ReadError`."""
    path = folder / "src" / manifest["package"] / "pipeline.py"
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"{path}: cannot be read: {error}", "convert the notebook again to get it back") from error


def with_task_modules(job: Job, manifest: Mapping[str, Any], folder: Path) -> tuple[Job, tuple[File, ...]]:
    """The job with its tasks in order, and the modules of the package that run them; nothing new where it has none. Raises `ChoiceError`."""
    from nb2prod.codegen.tasks_module import Package, render_tasks
    from nb2prod.targets import checked_tasks

    if not job.tasks:
        return job, ()
    tasks = checked_tasks(job.tasks, stages_of(manifest, folder))
    updates = {stage["name"]: stage["updates"] for stage in manifest["stages"]}
    secrets = tuple(parameter["name"] for parameter in manifest["parameters"] if parameter["secret"])
    beside = tuple(sorted(path.stem for path in (folder / "src").iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()))
    modules = tuple(name for name in beside if name != manifest["package"])
    package = Package(manifest["package"], pipeline_text(manifest, folder), updates, secrets, modules)
    return replace(job, tasks=tasks), render_tasks(package, tasks)
