"""Changes to a `job.toml` that leave every other line of it as people wrote it.

    with_values('retries = 0  # for now\\n[host]\\n', {"retries": 2, "host.user": "ann"})   ->   'retries = 2\\n[host]\\nuser = "ann"\\n'

A line is replaced where its key stands, else added to its table. What comes out is read again: where it does not say what was asked for (a value
over several lines, an inline table), the change is refused and the file left to its owner.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Job, Schedule, Task
from nb2prod.targets.job_file import EXAMPLE, NOUNS, job_table, job_values, render_schedules, render_tasks, toml_lines

TABLE = re.compile(r"^\s*\[")
SCHEDULE = re.compile(r"^\s*(\[schedule\]|\[\[schedule\]\])\s*(#.*)?$")


def with_values(text: str, changes: Mapping[str, Any]) -> str:
    """The file with these keys (`retries`, `host.user`) at new values. Raises ChoiceError where that needs a hand."""
    lines = text.splitlines()
    for name, value in changes.items():
        table, _, key = name.rpartition(".")
        _set(lines, table, key, toml_lines({key: value}).splitlines())
    return _as_asked("\n".join(lines) + "\n", changes)


def with_schedules(text: str, schedules: tuple[Schedule, ...]) -> str:
    """The file with other schedules, where the old ones stood. Raises ChoiceError where that needs a hand."""
    written = render_schedules(schedules)
    if EXAMPLE in text:
        return text.replace(EXAMPLE, written)
    lines, kept, place = text.splitlines(), [], None
    while lines:
        line = lines.pop(0)
        if not SCHEDULE.match(line):
            kept.append(line)
            continue
        place = len(kept) if place is None else place
        block: list[str] = []
        while lines and not TABLE.match(lines[0]):
            block.append(lines.pop(0))
        last = max((number for number, one in enumerate(block, 1) if one.strip() and not one.lstrip().startswith("#")), default=0)
        kept += block[last:]  # the comment of the next table
    kept[len(kept) if place is None else place : len(kept) if place is None else place] = written.splitlines()
    return "\n".join(kept) + "\n"


def with_tasks(text: str, tasks: tuple[Task, ...]) -> str:
    """The file with these tasks at its end; one that has tasks already is left to its owner."""
    return text if "task" in job_table(text) else text.rstrip("\n") + "\n" + render_tasks(tasks)


def values_from(words: tuple[str, ...]) -> dict[str, Any]:
    """`KEY=VALUE` words with each value of its key's type: `retries=2`, `host.image=x`, `command=["a"]`. Raises ChoiceError."""
    return dict(_value_from(word) for word in words)


def _value_from(word: str) -> tuple[str, Any]:
    name, equals, text = word.partition("=")
    if not equals:
        raise ChoiceError(f"--set {word}: this is not KEY=VALUE", "write --set retries=2 or --set host.image=churn:1.0")
    table, _, key = name.rpartition(".")
    usual = job_values(Job("", ()))
    if table in ("environment", "parameters"):
        return name, text  # the package reads a parameter's text by its type
    known = usual.get(table, {}) if table else usual
    if (table and table not in NOUNS) or key not in known or isinstance(known[key], dict):
        keys = [key for key, value in usual.items() if not isinstance(value, dict)]
        raise ChoiceError(f"--set {name}: there is no such key", f"known: {', '.join(keys)}, and those of {', '.join(NOUNS)}")
    return name, _typed(name, text, known[key])


def _typed(name: str, text: str, usual: object) -> Any:
    """The text as a value of the usual one's type. Raises ChoiceError."""
    if isinstance(usual, str):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if type(value) is not type(usual):
        raise ChoiceError(f"--set {name}: {text!r} is not a {type(usual).__name__}", f"its value is usually {json.dumps(usual)}")
    return value


def _set(lines: list[str], table: str, key: str, written: list[str]) -> None:
    """Replace or add the lines of one key."""
    start, end = _bounds(lines, table)
    for number in range(start, end):
        if re.match(rf"\s*{re.escape(key)}\s*=", lines[number]):
            lines[number : number + 1] = written
            return
    while end > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    lines[end:end] = written


def _bounds(lines: list[str], table: str) -> tuple[int, int]:
    """The first line of a table (after its heading) and the line after its last; a missing table is added."""
    headings = [number for number, line in enumerate(lines) if TABLE.match(line)]
    if not table:
        return 0, headings[0] if headings else len(lines)
    own = [number for number in headings if re.match(rf"\s*\[{table}\]", lines[number])]
    if not own:
        lines += ["", f"[{table}]"]
        return len(lines), len(lines)
    return own[0] + 1, next((number for number in headings if number > own[0]), len(lines))


def _as_asked(text: str, changes: Mapping[str, Any]) -> str:
    try:
        values = job_table(text)
    except ChoiceError:
        values = {}
    for name, value in changes.items():
        table, _, key = name.rpartition(".")
        if (values.get(table, {}) if table else values).get(key) != value:
            raise ChoiceError(f"job.toml: `{name}` is written in a way that is not changed from here", "change it in jobs/job.toml by hand")
    return text
