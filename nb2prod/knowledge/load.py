"""TOML files -> Knowledge, refusing what the schema does not know.

updates = ["self if inplace", "rng:numpy unless random_state"]
  -> (Target(Argument(name="self"), condition=Condition(Argument(name="inplace"))),
      Target(ambient="rng:numpy", condition=Condition(Argument(name="random_state"), given=False)))
"""

from __future__ import annotations

import ast
import difflib
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from nb2prod.errors import KnowledgeError
from nb2prod.knowledge.kept import keep, kept
from nb2prod.knowledge.rules import Argument, Condition, Knowledge, Resource, Rule, Shows, Target, TypeRule

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

AMBIENTS = frozenset(
    "rng:numpy rng:random rng:torch rng:tensorflow figure matplotlib.rcParams pandas.options numpy.printoptions numpy.errstate warnings os.environ "
    "cwd sys.path sys.modules locale decimal logging seaborn.theme sklearn.config plotly.options keras.session stdin stdout".split()
)
RESOURCES = ("file", "database", "network", "shell")
FOLDER = Path(__file__).parent
OWN = "NB2PROD_KNOWLEDGE"
KINDS = {
    "a list of texts": ("names", "of", "updates", "sets", "uses", "stores", "reads", "writes", "shares", "bases"),
    "a table of texts": ("returns_with", "attributes"),
    "true or false": ("mutable", "consumed", "spares_data"),
}
FITS: Mapping[str, Callable[[Any], bool]] = {
    "a text": lambda value: isinstance(value, str),
    "a list of texts": lambda value: is_texts(value),
    "a table of texts": lambda value: isinstance(value, dict) and all(isinstance(item, str) for item in value.values()),
    "true or false": lambda value: isinstance(value, bool),
}
EXAMPLES = {
    "a text": '{key} = "..."',
    "a list of texts": '{key} = ["...", "..."]',
    "a table of texts": '{key} = {{ name = "..." }}',
    "true or false": "{key} = false",
}
ARGUMENT = re.compile(r"\*|(?:\d+|[A-Za-z_]\w*)(?:\|(?:\d+|[A-Za-z_]\w*))?")


def load_knowledge(folder: Path = FOLDER) -> Knowledge:
    """Read every TOML file of a folder, then the user's own, whose rules go before ours.

    The user's own are the files, and the `*.toml` files of the folders, that the environment variable NB2PROD_KNOWLEDGE names (several are
    parted as in PATH); `--knowledge` adds to it.

    Raises:
        KnowledgeError: a file is missing or breaks the schema; names the file, the entry and the key.
    """
    return load_files((*sorted(folder.glob("*.toml")), *own_files()))


def own_files() -> tuple[Path, ...]:
    """The user's own knowledge files, in the order they were named."""
    named = [Path(text) for text in os.environ.get(OWN, "").split(os.pathsep) if text]
    return tuple(file for path in named for file in (sorted(path.glob("*.toml")) if path.is_dir() else [path]))


@lru_cache(maxsize=2)
def load_files(paths: tuple[Path, ...]) -> Knowledge:
    """Read these files; of two rules for the same name the later holds."""
    functions: dict[str, Rule] = {}
    methods: dict[tuple[str, str], Rule] = {}
    types: dict[str, TypeRule] = {}
    owners: dict[str, str] = {}
    for path in paths:
        data = parse(path)
        refuse_unknown(data, {"library", "about", "types", "functions", "methods"}, path.name)
        for entry in entries(data, "types", path.name):
            type_rule = read_type(entry, path.name)
            types[type_rule.name] = type_rule
        for entry in entries(data, "functions", path.name):
            rule = read_rule(entry, path.name, {"names"})
            functions.update((name, rule) for name in entry["names"])
        for entry in entries(data, "methods", path.name):
            rule = read_rule(entry, path.name, {"names", "of"})
            methods.update(((type, name), rule) for type in entry["of"] for name in entry["names"])
            owners.update((type, f"{path.name}: {', '.join(entry['names'])}") for type in entry["of"])
    for type in sorted(set(owners) - set(types)):
        near = difflib.get_close_matches(type, types, 1)
        raise KnowledgeError(
            f"{owners[type]}: of = {type!r} is no type that a file describes",
            f"did you mean {near[0]}?" if near else f'describe it: [[types]] name = "{type}"',
        )
    families = {name[:-2]: rule for name, rule in functions.items() if name.endswith(".*")}
    return Knowledge(functions, methods, types, families)


def parse(path: Path) -> dict[str, Any]:
    """The TOML of a file."""
    try:
        text = path.read_text(encoding="utf-8")
        ours = path.parent == FOLDER
        data = kept(path, text) if ours else None
        if data is None:
            data = tomllib.loads(text)
            if ours:
                keep(path, text, data)
        return data
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{path.name} is not valid TOML: {error}", "mend the line it names") from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise KnowledgeError(
            f"{path}: this knowledge file cannot be read: {error}", "check the path and that it is a UTF-8 text"
        ) from error


def entries(data: Mapping[str, Any], key: str, file: str) -> list[Mapping[str, Any]]:
    """The tables under a key."""
    found = data.get(key, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise KnowledgeError(f"{file}: {key} must be a list of tables", f"begin each with [[{key}]]")
    return found


def check_kinds(entry: Mapping[str, Any], where: str) -> None:
    """Refuse values of another kind than their key has: a text where a list of texts belongs would be read letter by letter."""
    for key, value in entry.items():
        wanted = next((kind for kind, keys in KINDS.items() if key in keys), "a text")
        if not FITS[wanted](value):
            raise KnowledgeError(f"{where}: {key} = {value!r:.60} is not {wanted}", EXAMPLES[wanted].format(key=key))


def is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def read_type(entry: Mapping[str, Any], file: str) -> TypeRule:
    """One `[[types]]` entry as a TypeRule."""
    where = f"{file}: type {entry.get('name', '(no name)')}"
    refuse_unknown(entry, {"name", "bases", "mutable", "item", "iterates", "attributes", "shows", "consumed", "spares_data"}, where)
    require(entry, {"name"}, where)
    check_kinds(entry, where)
    check_shows(entry, where)
    return TypeRule(**{**entry, "bases": tuple(entry.get("bases", ()))})


def read_rule(entry: Mapping[str, Any], file: str, own: set[str]) -> Rule:
    """One `[[functions]]` or `[[methods]]` entry as a Rule."""
    names = entry.get("names", ["(no names)"])
    where = f"{file}: {', '.join(map(str, names)) if isinstance(names, list) else names}"
    refuse_unknown(entry, own | set(Rule.__dataclass_fields__), where)
    require(entry, own, where)
    check_kinds(entry, where)
    check_shows(entry, where)
    return Rule(
        updates=tuple(read_target(text, where) for text in entry.get("updates", ())),
        sets=ambients(entry.get("sets", ()), where),
        uses=ambients(entry.get("uses", ()), where),
        stores=tuple(read_argument(text, where) for text in entry.get("stores", ())),
        reads=tuple(read_resource(text, where) for text in entry.get("reads", ())),
        writes=tuple(read_resource(text, where) for text in entry.get("writes", ())),
        returns=entry.get("returns", ""),
        returns_with=dict(entry.get("returns_with", {})),
        shares=tuple(read_argument(text, where) for text in entry.get("shares", ())),
        shows=entry.get("shows", ""),
    )


def read_argument(text: str, where: str = "") -> Argument:
    """`"0|x"` is position 0 or keyword x; `"self"` the receiver; `"*"` every argument."""
    if not ARGUMENT.fullmatch(text):
        raise KnowledgeError(f"{where}: {text!r} names no argument", 'write "self", "*", a position "0", a keyword "x", or both "0|x"')
    position = next((int(part) for part in text.split("|") if part.isdigit()), None)
    return Argument(position, next((part for part in text.split("|") if not part.isdigit()), ""))


def read_target(text: str, where: str) -> Target:
    """`"self if inplace"`, `"0|a"`, `"rng:numpy unless random_state"`, `"0 if copy=False"`."""
    what, word, rest = text.partition(" if ") if " if " in text else text.partition(" unless ")
    condition = None
    if word:
        name, equals, value = rest.partition("=")
        condition = Condition(read_argument(name, where), given=word == " if ", value=literal(value, where) if equals else ...)
    if what in AMBIENTS:
        return Target(ambient=what, condition=condition)
    if ":" in what or "." in what:
        raise KnowledgeError(f"{where}: unknown ambient state {what!r}", f"one of {', '.join(sorted(AMBIENTS))}")
    return Target(read_argument(what, where), condition=condition)


def literal(text: str, where: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise KnowledgeError(f"{where}: {text!r:.60} is no value", "write a number, True, False, None or a quoted text") from error


def read_resource(text: str, where: str) -> Resource:
    """`"file:0|path"`, `"database:1|con"`, `"network"`."""
    kind, colon, argument = text.partition(":")
    if kind not in RESOURCES:
        raise KnowledgeError(f"{where}: unknown resource {kind!r}", f"one of {', '.join(RESOURCES)}")
    return Resource(kind, read_argument(argument, where) if colon else None)  # type: ignore[arg-type]


def ambients(names: Iterable[str], where: str) -> tuple[str, ...]:
    for name in names:
        if name not in AMBIENTS:
            raise KnowledgeError(f"{where}: unknown ambient state {name!r}", f"one of {', '.join(sorted(AMBIENTS))}")
    return tuple(names)


def refuse_unknown(entry: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in sorted(set(entry) - known):
        raise KnowledgeError(f"{where}: unknown key {key!r}", f"known keys: {', '.join(sorted(known))}")


def require(entry: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in sorted(keys - set(entry)):
        raise KnowledgeError(f"{where}: the key {key!r} is missing", "say which names the rule is for")


def check_shows(entry: Mapping[str, Any], where: str) -> None:
    if entry.get("shows", "") not in get_args(Shows):
        raise KnowledgeError(
            f"{where}: shows = {entry['shows']!r} is none of {', '.join(filter(None, get_args(Shows)))}", "choose one of these"
        )
