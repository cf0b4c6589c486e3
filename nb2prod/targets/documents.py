"""Data and code as the text of job files: YAML documents below a comment, Python modules from a frame.

yaml_text("What this is.", {"kind": "CronJob"})   ->   # What this is.
                                                       kind: CronJob
python_text("NAME = __name__\\n", name="churn")    ->   NAME = 'churn'
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Schedule
from nb2prod.model.project import File
from nb2prod.targets.schedule import checked


def yaml_text(about: str, *documents: Any) -> str:
    """The documents in the order of their keys; texts that YAML would take for something else are quoted."""
    told = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in about)
    heading = "".join(f"# {line}\n" for line in told.split("\n"))
    return heading + "---\n".join(yaml.dump(one, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000) for one in documents)


def python_text(frame: str, **values: object) -> str:
    """The frame with each `__name__` replaced by the literal of that value; a dictionary of several has an item a line."""
    return re.sub(r"__([a-z_]+?)__", lambda found: _literal(values[found[1]]) if found[1] in values else found[0], frame)


def _literal(value: object) -> str:
    if isinstance(value, dict) and len(value) > 1:
        return "{\n" + "".join(f"    {key!r}: {item!r},\n" for key, item in value.items()) + "}"
    return repr(value)


def filled(frame: str, **texts: str) -> str:
    """The frame with each of these names replaced, in one go: no text is looked through for the other names."""
    return re.sub("|".join(texts), lambda found: texts[found[0]], frame)


def without_nothing(value: dict[str, Any]) -> dict[str, Any]:
    """The dictionary without keys whose value is None, an empty text, list or dictionary."""
    return {key: item for key, item in value.items() if item not in (None, "", [], {})}


def check_documents(files: tuple[File, ...]) -> tuple[str, ...]:
    """What is wrong with job files, perhaps edited by hand: texts that cannot be read, and schedules that validators of schemas let pass."""
    problems = []
    for file in files:
        text = file.content if isinstance(file.content, str) else file.content.decode("utf-8")
        reader = next((read for ending, read in READERS.items() if file.path.endswith(ending)), None)
        try:
            data = reader(text) if reader else None
        except (ValueError, SyntaxError, yaml.YAMLError) as error:
            problems.append(f"{file.path}: cannot be read: {' '.join(str(error).split())}")
            continue
        problems += [f"{file.path}: {problem}" for problem in _wrong_schedules(data)]
    return tuple(problems)


# Loads a module with a scheduler's library without starting anything.
LOADED = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='loaded')"
READERS: dict[str, Callable[[str], Any]] = {
    ".py": ast.parse,
    ".json": json.loads,
    ".ipynb": json.loads,
    ".yml": lambda text: list(yaml.safe_load_all(text)),
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
}
CRONS, ZONES = ("cron", "schedule", "schedules"), ("timeZone", "timezone", "cron_timezone", "timezone_id")


def _wrong_schedules(data: Any) -> Iterator[str]:
    """Why the schedules in a document are impossible."""
    if isinstance(data, list):
        for item in data:
            yield from _wrong_schedules(item)
    if not isinstance(data, dict):
        return
    zone = next((data[key] for key in ZONES if isinstance(data.get(key), str)), "")
    found = [data.get(key) for key in CRONS]
    crons = [text for one in found for text in (one if isinstance(one, list) else [one])]
    for text in crons:
        if isinstance(text, str):
            try:
                checked(Schedule(text, zone))
            except ChoiceError as error:
                yield error.message
    for value in data.values():
        yield from _wrong_schedules(value)


class _Dumper(yaml.SafeDumper):
    """Every text that holds anything but plain words is quoted, so that YAML 1.1 and 1.2 read the same."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> Any:
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9 ._/@-]*[A-Za-z0-9]", value)
    style = None if plain else '"'
    if "\n" in value and not re.search(r"[^\x20-\x7e\n]|[ \t]\n", value) and value.endswith("\n"):
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
