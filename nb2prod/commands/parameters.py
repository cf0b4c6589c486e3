"""Parameters as texts, from the command line and from files, each name checked before anything runs.

    -f params.yaml (region: 010) -p test_size=0.3   ->   {"region": "010", "test_size": "0.3"}

The package reads each text by the type of its parameter, so a YAML file is read as texts too: `010` is not eight.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nb2prod.commands.projects import check_parameters
from nb2prod.errors import ChoiceError, ReadError

YAML = (".yaml", ".yml")


def read_parameters(manifest: Mapping[str, Any], files: tuple[Path, ...], given: tuple[str, ...]) -> dict[str, str]:
    """All parameters as texts; the command line goes before files, later files before earlier. Raises `ChoiceError`, `ReadError`."""
    texts: dict[str, str] = {}
    for path in files:
        found = read_file(path)
        check_parameters(manifest, found, f"{path}: ")
        texts.update(found)
    named = dict(split(word) for word in given)
    check_parameters(manifest, named)
    return {**texts, **named}


def read_grid(manifest: Mapping[str, Any], files: tuple[Path, ...], given: tuple[str, ...]) -> dict[str, list[str]]:
    """Each parameter that varies with its values as texts; the command line goes before files. Raises `ChoiceError`, `ReadError`."""
    grid: dict[str, list[str]] = {}
    for path in files:
        found = _content(path, 1)
        check_parameters(manifest, found, f"{path}: ")
        for name, values in found.items():
            if not isinstance(values, list) or not values:
                raise ChoiceError(f"{path}: `{name}` must have a list of values", f"write {name}: [1, 2]")
            grid[name] = list(dict.fromkeys(map(text_of, values)))
    named: dict[str, list[str]] = {}
    for name, text in (split(word, "--vary") for word in given):
        named.setdefault(name, []).append(text)
    check_parameters(manifest, named)
    return {**grid, **{name: list(dict.fromkeys(values)) for name, values in named.items()}}


def split(word: str, option: str = "-p") -> tuple[str, str]:
    """`NAME=VALUE` in two. Raises `ChoiceError`."""
    name, equals, text = word.partition("=")
    if not equals or not name:
        raise ChoiceError(f"{option} {word}: this is not NAME=VALUE", f"write {option} test_size=0.3")
    return name.strip().replace("-", "_"), text


def read_file(path: Path) -> dict[str, str]:
    """The parameters in a file. Raises `ReadError` for a file that cannot be read or holds anything but names and values."""
    return {name: text_of(value) for name, value in _content(path).items()}


def _content(path: Path, depth: int = 0) -> dict[str, Any]:
    try:
        content = path.read_text(encoding="utf-8")
        values = _parse(content, path.suffix.lower(), depth)
    except OSError as error:
        raise ReadError(f"{path}: cannot be read: {error.strerror or error}", "check the path") from error
    except ValueError as error:
        raise ReadError(f"{path}: {error}", "it must hold names and values") from error
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise ReadError(f"{path}: this does not hold names and values", "write lines such as test_size: 0.3")
    return values


def text_of(value: object) -> str:
    """The text that the package's reader turns back into this value."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _parse(content: str, suffix: str, depth: int) -> Any:
    if suffix == ".json":
        return json.loads(content)
    if suffix == ".toml":
        if sys.version_info >= (3, 11):
            import tomllib
        else:
            import tomli as tomllib
        return tomllib.loads(content)
    if suffix in YAML:
        return _parse_yaml(content, depth)
    raise ValueError(f"files with the ending {suffix or '(none)'} are not known; .yaml, .json and .toml are")


def _parse_yaml(content: str, depth: int) -> Any:
    """Single values as the texts they are written as, also those in lists down to a depth; other lists and mappings with their types."""
    import yaml  # late: only this needs it

    try:
        texts, typed = yaml.load(content, yaml.BaseLoader), yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise ValueError(f"this is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(texts, dict) or not isinstance(typed, dict):
        return {} if typed is None else typed
    return {name: _as_written(text, value, depth) for (name, text), value in zip(texts.items(), typed.values(), strict=True)}


def _as_written(text: Any, value: Any, depth: int) -> Any:
    if depth and isinstance(text, list) and isinstance(value, list):
        return [_as_written(one, other, depth - 1) for one, other in zip(text, value, strict=True)]
    return text if isinstance(text, str) else value
