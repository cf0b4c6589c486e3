"""Whatever a job's texts say, its files have the shape they have for harmless texts, or the text is refused by name. What parameters and
variables come to is told by `tests/schedulers/test_values.py` with the real tools."""

from __future__ import annotations

import ast
import json
import re
import shlex
from dataclasses import replace
from typing import Any

import pytest
import yaml
from targets.jobs import FULL

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Host, Job, Notifications, Schedule
from nb2prod.targets import TARGETS, emit
from nb2prod.targets.job_file import parse_job, render_job

HOSTILE = (
    *(
        "a\nb: c",
        "a\n[Service]\nExecStart=/bin/false",
        "a\n* * * * * root false",
        "'''",
        '"""',
        "'); import os; ('",
        '"}, {"',
        "a\rb",
        "\u2028b",
        "\x85b",
    ),
    *(
        "{{ 7 * 7 }}",
        "{% raw %}",
        "${{ github.token }}",
        "$(id)",
        "`id`",
        "%h",
        "a\\",
        "- x",
        "# x",
        "&a",
        "!!python/name:os.system",
        "a\0b",
        "\x1b[2J",
    ),
)
FIELDS: dict[str, Any] = {
    "owner": lambda text: replace(FULL, owner=text),
    "contact": lambda text: replace(FULL, contact=text),
    "the project's folder": lambda text: replace(FULL, host=replace(FULL.host, project=f"/srv/{text}")),
    "the directory": lambda text: replace(FULL, host=replace(FULL.host, directory=text)),
    "the interpreter": lambda text: replace(FULL, host=replace(FULL.host, python=f"/opt/{text}/python")),
    "the image": lambda text: replace(FULL, host=Host(image=text, claim="data")),
    "the user": lambda text: replace(FULL, host=replace(FULL.host, user=text)),
    "the webhook": lambda text: replace(FULL, notifications=Notifications(("failure",), (), f"https://example.org/{text}")),
    "an e-mail": lambda text: replace(FULL, notifications=Notifications(("failure",), (f"{text}@example.org",))),
    "a variable": lambda text: replace(FULL, environment={"STAGE": text}),
    "a parameter": lambda text: replace(FULL, parameters={"region": text}),
}
READERS: dict[str, Any] = {
    "json": json.loads,
    "ipynb": json.loads,
    "yml": yaml.safe_load,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
}


def shape(path: str, text: str) -> Any:
    """What a file says without its texts: its tree, or the words that begin its lines where it is none."""
    ending = path.rpartition(".")[2]
    if ending == "py":
        return re.sub(r"Constant\(value='[^\n]*?'\)", "TEXT", "\n".join(kinds(node) for node in ast.walk(ast.parse(text))))
    if ending in READERS:
        return bare(READERS[ending](text))
    if ending == "sh":
        return len(shlex.split(text, comments=True))
    lines = [line for line in text.split("\n") if not line.lstrip().startswith("#")]
    return [re.match(r"\[\w+\]|[\w-]+=|\S*", line)[0][:14] for line in lines]  # type: ignore[index]


def kinds(node: ast.AST) -> str:
    return f"{type(node).__name__} {[type(child).__name__ for child in ast.iter_child_nodes(node)]}"


def bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items()}
    return [bare(item) for item in value] if isinstance(value, list) else type(value).__name__


def in_its_zone(job: Job, target: str) -> Job:
    return replace(job, schedules=(Schedule("30 6 * * 1-5", "UTC"),)) if target in ("github", "kubeflow") else job


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("target", TARGETS)
def test_no_text_changes_what_the_files_of_a_target_say(target: str, field: str) -> None:
    def shapes(text: str) -> Any:
        try:
            files, _ = emit(in_its_zone(FIELDS[field](text), target), TARGETS[target])
        except ChoiceError as error:
            return error
        return {file.path: shape(file.path, str(file.content)) for file in files}

    wanted = shapes("harmless text") if not isinstance(shapes("harmless text"), ChoiceError) else shapes("harmless")
    assert not isinstance(wanted, ChoiceError)
    found = {text: shapes(text) for text in HOSTILE}
    assert {text: came for text, came in found.items() if not isinstance(came, ChoiceError) and came != wanted} == {}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_job_toml_says_what_it_was_given(field: str, text: str) -> None:
    job = replace(FIELDS[field](text), tasks=())
    try:
        again = parse_job(render_job(job))
    except ChoiceError:
        return
    assert again == job
