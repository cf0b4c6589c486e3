"""TOML files -> Knowledge, refusing what the schema does not know.

updates = ["self if inplace", "rng:numpy unless random_state"]
  -> (Target(Argument(name="self"), condition=Condition(Argument(name="inplace"))),
      Target(ambient="rng:numpy", condition=Condition(Argument(name="random_state"), given=False)))
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from nb2prod.errors import KnowledgeError
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


@lru_cache(maxsize=1)
def load_knowledge(folder: Path = FOLDER) -> Knowledge:
    """Read every TOML file of a folder.

    Raises:
        KnowledgeError: a file breaks the schema; names the file, the entry and the key.
    """
    functions: dict[str, Rule] = {}
    methods: dict[tuple[str, str], Rule] = {}
    types: dict[str, TypeRule] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise KnowledgeError(f"{path.name} is not valid TOML: {error}", "mend the line it names") from error
        refuse_unknown(data, {"library", "about", "types", "functions", "methods"}, path.name)
        for entry in data.get("types", []):
            type_rule = read_type(entry, path.name)
            types[type_rule.name] = type_rule
        for entry in data.get("functions", []):
            rule = read_rule(entry, path.name, {"names"})
            functions.update((name, rule) for name in entry["names"])
        for entry in data.get("methods", []):
            rule = read_rule(entry, path.name, {"names", "of"})
            methods.update(((type, name), rule) for type in entry["of"] for name in entry["names"])
    families = {name[:-2]: rule for name, rule in functions.items() if name.endswith(".*")}
    return Knowledge(functions, methods, types, families)


def read_type(entry: Mapping[str, Any], file: str) -> TypeRule:
    """One `[[types]]` entry as a TypeRule."""
    refuse_unknown(
        entry, {"name", "bases", "mutable", "item", "iterates", "attributes", "shows", "consumed"}, f"{file}: type {entry.get('name')}"
    )
    return TypeRule(**{**entry, "bases": tuple(entry.get("bases", ()))})


def read_rule(entry: Mapping[str, Any], file: str, own: set[str]) -> Rule:
    """One `[[functions]]` or `[[methods]]` entry as a Rule."""
    where = f"{file}: {', '.join(entry.get('names', ['(no names)']))}"
    refuse_unknown(entry, own | set(Rule.__dataclass_fields__), where)
    for key in own - set(entry):
        raise KnowledgeError(f"{where}: the key {key!r} is missing", "say which names the rule is for")
    if entry.get("shows", "") not in get_args(Shows):
        raise KnowledgeError(
            f"{where}: shows = {entry['shows']!r} is none of {', '.join(filter(None, get_args(Shows)))}", "choose one of these"
        )
    return Rule(
        updates=tuple(read_target(text, where) for text in entry.get("updates", ())),
        sets=ambients(entry.get("sets", ()), where),
        uses=ambients(entry.get("uses", ()), where),
        stores=tuple(read_argument(text) for text in entry.get("stores", ())),
        reads=tuple(read_resource(text, where) for text in entry.get("reads", ())),
        writes=tuple(read_resource(text, where) for text in entry.get("writes", ())),
        returns=entry.get("returns", ""),
        returns_with=dict(entry.get("returns_with", {})),
        shares=tuple(read_argument(text) for text in entry.get("shares", ())),
        shows=entry.get("shows", ""),
    )


def read_argument(text: str) -> Argument:
    """`"0|x"` is position 0 or keyword x; `"self"` the receiver; `"*"` every argument."""
    position = next((int(part) for part in text.split("|") if part.isdigit()), None)
    return Argument(position, next((part for part in text.split("|") if not part.isdigit()), ""))


def read_target(text: str, where: str) -> Target:
    """`"self if inplace"`, `"0|a"`, `"rng:numpy unless random_state"`, `"0 if copy=False"`."""
    what, word, rest = text.partition(" if ") if " if " in text else text.partition(" unless ")
    condition = None
    if word:
        name, equals, value = rest.partition("=")
        condition = Condition(read_argument(name), given=word == " if ", value=ast.literal_eval(value) if equals else ...)
    if what in AMBIENTS:
        return Target(ambient=what, condition=condition)
    if ":" in what or "." in what:
        raise KnowledgeError(f"{where}: unknown ambient state {what!r}", f"one of {', '.join(sorted(AMBIENTS))}")
    return Target(read_argument(what), condition=condition)


def read_resource(text: str, where: str) -> Resource:
    """`"file:0|path"`, `"database:1|con"`, `"network"`."""
    kind, colon, argument = text.partition(":")
    if kind not in RESOURCES:
        raise KnowledgeError(f"{where}: unknown resource {kind!r}", f"one of {', '.join(RESOURCES)}")
    return Resource(kind, read_argument(argument) if colon else None)  # type: ignore[arg-type]


def ambients(names: Iterable[str], where: str) -> tuple[str, ...]:
    for name in names:
        if name not in AMBIENTS:
            raise KnowledgeError(f"{where}: unknown ambient state {name!r}", f"one of {', '.join(sorted(AMBIENTS))}")
    return tuple(names)


def refuse_unknown(entry: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in sorted(set(entry) - known):
        raise KnowledgeError(f"{where}: unknown key {key!r}", f"known keys: {', '.join(sorted(known))}")
