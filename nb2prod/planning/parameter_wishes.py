"""What the metadata of cells asks about parameters -> the parameters as they were asked for, and which wishes could not be followed.

KMeans(n_clusters=8)    with {"KMeans.n_clusters": {"name": "groups"}}       ->   Parameter("groups", "int", 8, ...)
TEST_SIZE = 0.2         with {"TEST_SIZE": {"parameter": false}}             ->   no parameter: the value stays in the code
frame.head(5)           with {"head.0": {"parameter": true}}                 ->   Parameter("head_0", "int", 5, ...)

A value is named in the notebook's own words, so that a wish keeps its value when other cells are edited: the variable, or the call and its
argument, with `#2` for the second of that name in its cell. What a parameter is by default is never asked: it stands in the notebook.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from nb2prod.knowledge.secrets import find_secrets, masked, secret_texts
from nb2prod.model.dataflow import Analysis, LiteralUse
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, Place
from nb2prod.model.plan import Parameter, ParameterType, Plan
from nb2prod.planning.code import LiveCode

CODE = "NB305"
LONGEST = 200  # characters of a text that can be a parameter
NAME = re.compile(r"[a-z][a-z0-9_]*")
HINTS = MappingProxyType(
    {
        "name": "give it a name in small letters, digits and underscores that nothing else in the notebook has",
        "type": "a whole number may be a float, a path or a date a str, and a str a path",
        "parameter": "only a number, a truth value or a short text that is assigned once or given to a call can be a parameter, and a secret always is",
        "": "what can be asked is a `name`, a `type`, a `help`, and with `parameter` whether it is one",
    }
)
GONE = "look for what it is called now, or take the wish out of the cell's metadata"
# What a value can be read as instead; its default stays what the notebook has.
TYPES: Mapping[str, tuple[ParameterType, ...]] = MappingProxyType({"int": ("float",), "path": ("str",), "date": ("str",), "str": ("path",)})
Asked = Mapping[str, str]
NOTHING: Asked = MappingProxyType({})


class ParameterWishes:
    """What is asked about each value of a notebook, by the cell it stands in and its own words."""

    def __init__(self, notebook: Notebook, literals: Iterable[LiteralUse]) -> None:
        self.words = words_of(literals)
        self.elsewhere = {cell.index for cell in notebook.cells if cell.included}  # their code has lines that the cell has not
        self.asked: dict[tuple[int, str], Asked] = {
            (cell.index, wish.value): dict(wish.asked) for cell in notebook.cells for wish in cell.wishes
        }
        self.secrets = secret_texts(notebook) if self.asked else ()

    def about(self, place: Place) -> Asked:
        """What is asked about the value at a place."""
        return self.asked.get((place.cell, self.words.get(place, "")), NOTHING)

    def is_wanted(self, place: Place) -> bool:
        """Whether the value at a place is to be a parameter though nothing else makes it one."""
        return self.about(place).get("parameter") == "true"

    def followed(self, parameters: Iterable[Parameter], places: Mapping[str, Place], names: Collection[str]) -> tuple[Parameter, ...]:
        """The parameters as they were asked for; `places` has the literal of each variable, `names` is what is spoken for.

        A name given to a parameter that gets another one, or that is to be none, is free again.
        """
        told = [(self._with_source(one, places), self._about_any(one, places)) for one in parameters]
        left = {one.name for one, asked in told if asked.get("parameter") == "false" and not one.secret}
        taken = set(names) - {one.name for one, asked in told if not one.variable and ("name" in asked or one.name in left)}
        found = []
        for one, asked in told:
            if one.name in left:
                continue
            name = asked.get("name", "")
            named = one.name if one.secret or not NAME.fullmatch(name) or name in taken and name != one.name else name
            taken.add(named)
            found.append(replace(one, name=named, type=_type(one, asked), help=masked(asked.get("help", ""), self.secrets) or one.help))
        return tuple(found)

    def _about_any(self, parameter: Parameter, places: Mapping[str, Place]) -> Asked:
        """What is asked about the first of the literals that are this parameter's value."""
        return next(filter(None, map(self.about, _literals(parameter, places))), NOTHING)

    def _with_source(self, parameter: Parameter, places: Mapping[str, Place]) -> Parameter:
        own = tuple(place for place in _literals(parameter, places) if place in self.words)
        if parameter.secret or not own:
            return parameter
        seen = () if any(place.cell in self.elsewhere for place in own) else own
        return replace(parameter, source=self.words[own[0]], literals=seen)


def words_of(literals: Iterable[LiteralUse]) -> dict[Place, str]:
    """Each literal of a notebook in its own words, which are one of a kind in its cell."""
    seen: dict[tuple[int, str], int] = {}
    found = {}
    for use in literals:
        words = use.target or f"{use.callee.rpartition('.')[2]}.{use.argument}".lstrip(".")
        count = seen[use.place.cell, words] = seen.get((use.place.cell, words), 0) + 1
        found[use.place] = words if count == 1 else f"{words}#{count}"
    return found


def _literals(parameter: Parameter, places: Mapping[str, Place]) -> list[Place]:
    """The literals that are a parameter's value, that of its variable first."""
    return [*([places[parameter.variable]] if parameter.variable in places else []), *parameter.places]


def _type(parameter: Parameter, asked: Asked) -> ParameterType:
    wanted = asked.get("type", "")
    return next((type for type in TYPES.get(parameter.type, ()) if type == wanted and not parameter.secret), parameter.type)


def offered_values(notebook: Notebook, analysis: Analysis, plan: Plan) -> tuple[tuple[str, LiteralUse], ...]:
    """Values in live calls that are no parameters and could be made one by a wish, each in its own words."""
    code, words = LiveCode(notebook, analysis), words_of(analysis.literals)
    taken = {place for parameter in plan.parameters for place in parameter.places}
    return tuple((words[use.place], use) for use in analysis.literals if use.place not in taken and can_be_wanted(use, code))


def can_be_wanted(use: LiteralUse, code: LiveCode) -> bool:
    """Whether a value given to a call can be taken out of it: one that cannot change, is no secret, and names no variable in its text."""
    if use.target or use.statement not in code.rank or code.effects[use.statement].opaque:
        return False
    if not isinstance(use.value, (bool, int, float, str)) or use.place.span.start_line != use.place.span.end_line:
        return False
    if isinstance(use.value, str) and not 0 < len(use.value) <= LONGEST:
        return False
    if not _stands_there(use, code):
        return False
    secrets = {code.place(use.statement, secret.node) for secret in find_secrets(code.tree(use.statement))}
    inside = (*secrets, *(r.place for r in code.by_statement[use.statement]))
    return not any(_holds(use.place, place) for place in inside)


def _stands_there(use: LiteralUse, code: LiveCode) -> bool:
    """Whether the text at the place is the value; inside a formatted text older Pythons tell another place."""
    span = use.place.span
    text = code.notebook.cells[use.place.cell].code.split("\n")[span.start_line - 1][span.start_column : span.end_column]
    try:
        return bool(ast.literal_eval(text) == use.value)
    except (ValueError, SyntaxError):
        return False


def _holds(outer: Place, inner: Place) -> bool:
    return outer.cell == inner.cell and outer.span[:2] <= inner.span[:2] and inner.span[2:] <= outer.span[2:]


def unmet_parameters(notebook: Notebook, analysis: Analysis, plan: Plan) -> tuple[Diagnostic, ...]:
    """A warning for each wish about a parameter that is not followed."""
    places = {(place.cell, words): place for place, words in words_of(analysis.literals).items()}
    targets = {use.place: use.target for use in analysis.literals if use.target}
    found = []
    for cell in notebook.cells:
        for wish in cell.wishes:
            place = places.get((cell.index, wish.value))
            if place is None:
                found.append(
                    _warning(cell.index, 1, f"this cell has no value `{wish.value}`, about which its metadata asks something", GONE)
                )
                continue
            parameter = next((one for one in plan.parameters if place in one.places or targets.get(place, "") == one.variable != ""), None)
            line = cell.seen_line(place.span.start_line)
            found += [_warning(cell.index, line, *told) for told in _unmet(wish.value, dict(wish.asked), parameter)]
    return tuple(found)


def _unmet(value: str, asked: Asked, parameter: Parameter | None) -> list[tuple[str, str]]:
    """What of one wish is not as it was asked, and what to do."""
    unknown = [key for key in asked if key not in ("name", "type", "help", "parameter")]
    if unknown or asked.get("parameter", "true") not in ("true", "false"):
        return [(f"the metadata of this cell asks something about `{value}` that nobody understands", HINTS[""])]
    wanted = asked.get("parameter") != "false"
    if wanted is not (parameter is not None):
        return [(f"`{value}` cannot be a parameter" if wanted else f"`{value}` must be a parameter", HINTS["parameter"])]
    if parameter is None:
        return []
    said = (("name", f"no parameter can be called `{asked.get('name')}`"), ("type", f"`{value}` cannot be a `{asked.get('type')}`"))
    return [(message, HINTS[key]) for key, message in said if key in asked and asked[key] != getattr(parameter, key)]


def _warning(cell: int, line: int, message: str, hint: str) -> Diagnostic:
    return Diagnostic(CODE, Severity.warning, message, hint, cell, line)
