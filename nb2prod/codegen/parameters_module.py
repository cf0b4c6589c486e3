"""A plan -> `parameters.py` of the package: a typed, documented, frozen dataclass and the small reader that every source goes through.

    Parameter("test_size", "float", 0.2, ...)   ->   test_size: float = field(default=0.2, metadata=_about("float", "Share held back. ..."))

The module needs nothing but the standard library, because it runs in the notebook's own environment.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from nb2prod.codegen.literals import literal
from nb2prod.codegen.templating import render
from nb2prod.codegen.words import capitalized
from nb2prod.model.plan import Parameter, Plan

WIDTH = 120

ANNOTATIONS = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "str": "str",
    "path": "str",
    "date": "str",
    "list": "list[Any]",
    "tuple": "tuple[Any, ...]",
    "set": "set[Any]",
    "dict": "dict[str, Any]",
    "any": "Any",
}

# One row of the generated table: name in messages, accepted types, what is made of them, how a text is read.
ROWS = {
    "bool": '"bool": _Kind("a bool (true or false)", (bool,), bool, lambda text: _BOOLS[text.strip().lower()]),',
    "int": '"int": _Kind("an int", (Integral,), int, int),',
    "float": '"float": _Kind("a float", (Real,), float, float),',
    "str": '"str": _Kind("a str", (str,), str, str),',
    "path": '"path": _Kind("a path", (str, PurePath), str, str),',
    "date": '"date": _Kind("a date such as 2024-12-31", (str, date), _iso_date, str),',
    "list": '"list": _Kind(\'a list such as ["a", "b"]\', (list, tuple), list, _read_literal),',
    "tuple": '"tuple": _Kind("a list such as [1, 2]", (list, tuple), tuple, _read_literal),',
    "set": '"set": _Kind("a list such as [1, 2]", (list, tuple, set), set, _read_literal),',
    "dict": '"dict": _Kind(\'a dict such as {"a": 1}\', (dict,), dict, _read_literal),',
    "any": '"any": _Kind("a value", (object,), lambda value: value, _read_any),',
}
LITERAL_KINDS = {"list", "tuple", "set", "dict", "any"}


def render_parameters_module(plan: Plan) -> str:
    """The source of `src/PACKAGE/parameters.py`."""
    kinds = [kind for kind in ROWS if kind in {kind_of(parameter) for parameter in plan.parameters}]
    return render(
        "parameters.py.jinja",
        package=plan.package,
        prefix=environment_prefix(plan),
        entries=[_entry(parameter) for parameter in plan.parameters],
        kinds=kinds,
        rows=[ROWS[kind] for kind in kinds],
        literals=bool(LITERAL_KINDS.intersection(kinds)),
        numbers=", ".join(name for name, kind in (("Integral", "int"), ("Real", "float")) if kind in kinds),
        secrets=any(parameter.secret for parameter in plan.parameters),
    )


def environment_prefix(plan: Plan) -> str:
    """What the environment variables of the package's parameters start with."""
    return f"{plan.package.upper()}_"


def kind_of(parameter: Parameter) -> str:
    """The parameter's type as the package reads it: tuples and sets stay so, dates not in ISO form are texts, "none" is any value."""
    for container, kind in ((tuple, "tuple"), (set, "set"), (frozenset, "set")):
        if isinstance(parameter.default, container):
            return kind
    if parameter.type == "date" and not parameter.secret and not _is_iso(parameter.default):
        return "str"
    return "any" if parameter.type == "none" else parameter.type


def annotation_of(parameter: Parameter) -> str:
    """The annotation of the parameter: its kind, and what its container holds where that is all of one plain type."""
    kind, default = kind_of(parameter), parameter.default
    held: list[Iterable[object]] = []
    if isinstance(default, dict):
        held = [default, default.values()]
    elif isinstance(default, (list, tuple, set, frozenset)):
        held = [default]
    types = [{type(item) for item in items} for items in held]
    if parameter.secret or not types or any(len(found) != 1 or not found <= {bool, int, float, str} for found in types):
        return ANNOTATIONS[kind]
    names = [found.pop().__name__ for found in types]
    return f"{kind}[{', '.join(names)}{', ...' if kind == 'tuple' else ''}]"


def describe(parameter: Parameter) -> str:
    """The help of a parameter with where it came from, as one line."""
    help = capitalized(" ".join(parameter.help.split()))
    stop = "" if not help or help.endswith((".", "!", "?")) else "."
    return f"{help}{stop} Notebook cell {parameter.cell}, line {parameter.line}.".strip()


def _entry(parameter: Parameter) -> str:
    """The field of one parameter, over several lines where one is too long."""
    kind = kind_of(parameter)
    about = f"_about({literal(kind)}, {literal(describe(parameter))}{', secret=True' if parameter.secret else ''})"
    arguments = [_default(parameter), *(["repr=False"] if parameter.secret else []), f"metadata={about}"]
    head = f"    {parameter.name}: {annotation_of(parameter)} = field("
    line = f"{head}{', '.join(arguments)})"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    return "\n".join([head, *(f"        {argument}," for argument in arguments), "    )"])


def _default(parameter: Parameter) -> str:
    """Where the default comes from: the environment for a secret, a new copy each time for what can be changed in place."""
    if parameter.secret:
        return f"default_factory=lambda: _from_environment({literal(parameter.name)})"
    source = literal(parameter.default, "        ")
    return f"default_factory=lambda: {source}" if _is_mutable(parameter.default) else f"default={source}"


def _is_mutable(value: object) -> bool:
    return isinstance(value, (list, dict, set)) or (isinstance(value, tuple) and any(map(_is_mutable, value)))


def _is_iso(value: object) -> bool:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True
