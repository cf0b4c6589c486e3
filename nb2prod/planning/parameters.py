"""Live code -> parameters: what a job would want to vary, with every spot that means it.

TEST_SIZE = 0.2                        Parameter("test_size", "float", 0.2, origin="constant", variable="TEST_SIZE")
pd.read_csv("data/churn.csv")          Parameter("churn_path", "path", "data/churn.csv", origin="literal")
KMeans(n_clusters=8, random_state=0)   Parameter("n_clusters", ...), Parameter("random_state", ...)
"""

from __future__ import annotations

import ast
import builtins
import datetime
import keyword
import posixpath
import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from itertools import chain

from nb2prod.knowledge import Knowledge, Rule
from nb2prod.knowledge.secrets import find_secrets, masked
from nb2prod.model.dataflow import LiteralUse, Location
from nb2prod.model.notebook import Place, StatementId
from nb2prod.model.plan import Access, Parameter, ParameterType
from nb2prod.planning.code import LiveCode
from nb2prod.planning.module_names import names_of_module
from nb2prod.planning.parameter_wishes import ParameterWishes, can_be_wanted
from nb2prod.planning.secrets import secret_literals

# Keyword arguments that people tune: sizes, seeds, thresholds and the hyper-parameters of common models.
TUNED = frozenset(
    """test_size train_size random_state seed n_estimators max_depth learning_rate C alpha gamma n_clusters n_components max_iter min_samples_leaf
    min_samples_split n_neighbors cv n_splits threshold nrows epochs batch_size frac window periods top_n max_features min_df max_df l1_ratio
    degree eps min_samples subsample colsample_bytree reg_alpha reg_lambda num_leaves n_iter hidden_layer_sizes ngram_range n_bins""".split()
)
SEEDERS = {"numpy.random.seed", "random.seed", "numpy.random.default_rng", "numpy.random.RandomState", "torch.manual_seed", "random.Random"}
# Names that mean something else where parameters are fields, methods and arguments.
RESERVED = frozenset(
    {
        "parameters",
        "results",
        "run",
        "changes",
        "self",
        "cls",
        "field",
        "os",
        "of",
        "with_changes",
        "from_texts",
        "from_sources",
        "from_notebook",
    }
)
FILE_LIKE = re.compile(r"^[^\s<>|*?]{0,200}\.[A-Za-z][A-Za-z0-9]{1,6}$")


def plan_parameters(
    code: LiveCode, knowledge: Knowledge, tagged_only: bool = False, fixed: Container[str] = ()
) -> tuple[tuple[Parameter, ...], frozenset[StatementId]]:
    """The parameters in the order they appear, and the assignments they replace; `tagged_only` leaves out all that the notebook does not
    name as such, and `fixed` are names of some to leave out, secrets excepted."""
    taken, wishes = Taken(code), ParameterWishes(code.notebook, code.analysis.literals)
    found: list[Parameter] = []
    replaced: dict[StatementId, str] = {}
    secret_places = {code.place(id, secret.node) for id in code.statements for secret in find_secrets(code.tree(id))}
    constants: set[Place] = set()
    of_module = names_of_module(code)
    for use in code.analysis.literals:
        if use.statement not in code.rank or code.effects[use.statement].opaque:
            continue
        if tagged_only and not is_tagged(use, code) and not holds_secret(use, secret_places):
            continue
        if use.target and (code.reflects or use.target in of_module):
            continue
        if use.target:
            if use.place not in secret_places and holds_secret(use, secret_places):
                continue
            if parameter := from_constant(use, code, taken, wishes.is_wanted(use.place)):
                secret = use.place in secret_places
                constants |= {use.place} if secret else set()
                found.append(replace(parameter, type="str", default=None, secret=True) if secret else parameter)
                replaced[use.statement] = parameter.variable
        elif use.place in secret_places or holds_secret(use, secret_places):
            continue
        elif parameter := from_literal(use, code, knowledge, taken, wishes.is_wanted(use.place)):
            found.append(parameter)
    found.extend(secret_literals(code, frozenset(constants), taken.give))
    places = {use.target: use.place for use in code.analysis.literals if use.statement in replaced}
    asked = wishes.followed(with_one_for_each_file(found), places, taken.names)
    kept = tuple(replace(one, access=access_of(one, code)) for one in asked if one.secret or one.name not in fixed)
    variables = {parameter.variable for parameter in kept}
    return kept, frozenset(id for id, variable in replaced.items() if variable in variables)


def with_one_for_each_file(parameters: Iterable[Parameter]) -> list[Parameter]:
    """The same with literals that name the same file made one parameter, that of the variable which holds its name where there is one: a path
    means the file, not the text."""
    found: list[Parameter] = []
    for parameter in parameters:
        twins = [one for one in found if one.type == parameter.type == "path" and one.default == parameter.default]
        twin = next((one for one in twins if not (one.variable and parameter.variable)), None)
        if twin is None:
            found.append(parameter)
        else:
            named, bare = (parameter, twin) if parameter.variable else (twin, parameter)
            found[found.index(twin)] = replace(named, places=(*named.places, *bare.places))
    return found


def access_of(parameter: Parameter, code: LiveCode) -> Access:
    """What kept code does with the file a path names: one that is written first is no input, whatever reads it later."""
    if parameter.type != "path" or parameter.secret:
        return ""
    file = Location("file", posixpath.normpath(str(parameter.default)))
    writes = [file in effects.updates | effects.defines for effects in code.touching.get(file, ())]
    if not writes:
        return ""
    return "written" if writes[0] else "read and written" if any(writes) else "read"


def holds_secret(use: LiteralUse, secrets: Iterable[Place]) -> bool:
    """Whether a literal has a secret somewhere in it."""
    outer = use.place.span
    return any(use.place.cell == cell and outer[:2] <= inner[:2] and inner[2:] <= outer[2:] for cell, inner in secrets)


class Taken:
    """Names that are spoken for: every word of the notebook, and parameters given out so far."""

    def __init__(self, code: LiveCode) -> None:
        words = {word for cell in code.notebook.code_cells for word in re.findall(r"[^\W\d]\w*", cell.code)}
        mentioned = {reference.name for reference in code.analysis.references}
        inner = {name for id in code.statements for name in code.local_names(id)}
        self.names = mentioned | inner | set(keyword.kwlist) | set(dir(builtins)) | RESERVED
        self.words = words

    def give(self, candidates: Iterable[str]) -> str:
        """The first free candidate, which is then taken."""
        listed = [name for name in candidates if name]
        numbered = (f"{listed[-1]}_{rank}" for rank in range(2, 10_000))
        name = next(name for name in chain(listed, numbered) if name not in self.names)
        self.names.add(name)
        return name


def from_constant(use: LiteralUse, code: LiveCode, taken: Taken, wanted: bool) -> Parameter | None:
    """`NAME = literal`, bound once and never changed; one that is `wanted` counts like one in a tagged cell."""
    name = use.target
    tagged = wanted or is_tagged(use, code)
    if code.stores[name] != [use.statement] or name in code.global_stores or name.startswith("_") or not settable(use.value, tagged):
        return None
    if code.changed_later(use.statement) or any(r.context in ("del", "text") for r in code.mentions_of(name)):
        return None
    mentions = [r for r in code.mentions_of(name) if r.context == "load"]
    if not mentions or any(code.rank[r.statement] < code.rank[use.statement] for r in mentions):
        return None
    lower = name.lower()
    public = name if name == lower and name not in RESERVED else taken.give([lower, f"{lower}_value"]) if lower.isidentifier() else name
    if public == name:
        taken.names.add(name)
    origin = "tag" if tagged else "constant"
    places = tuple(r.place for r in mentions)
    return Parameter(public, type_of(use.value), use.value, use.statement.cell, use.place.span.start_line, origin, comment(use, code), name, places)  # type: ignore[arg-type]


def is_tagged(use: LiteralUse, code: LiveCode) -> bool:
    """Whether a literal stands in a cell tagged `parameters`."""
    return "parameters" in code.notebook.cells[use.statement.cell].tags


def settable(value: object, tagged: bool) -> bool:
    """Literals worth setting from outside; an empty container or None is where something else begins, unless it is said to be a parameter."""
    if isinstance(value, (bool, int, float)):
        return True
    if value is None:
        return tagged
    if isinstance(value, str):
        return tagged or 0 < len(value) <= 200 and "\n" not in value
    if isinstance(value, tuple):
        return tagged and plain(list(value))
    return isinstance(value, (list, dict)) and (tagged or bool(value)) and plain(value)


def plain(value: object) -> bool:
    """Whether a value survives JSON as it is."""
    if isinstance(value, list):
        return all(plain(part) for part in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and plain(part) for key, part in value.items())
    return value is None or isinstance(value, (bool, int, float, str))


def from_literal(use: LiteralUse, code: LiveCode, knowledge: Knowledge, taken: Taken, wanted: bool) -> Parameter | None:
    """A literal inside a live call that people would tune: a path the call reads or writes, a seed, a known argument, or one that is `wanted`."""
    last = snake(use.callee.rpartition(".")[2])
    if isinstance(use.value, str) and names_file(use, knowledge):
        stem = snake(re.split(r"[\\/]", use.value)[-1].rpartition(".")[0] or use.value)
        candidates, type = [f"{stem}_path", f"{stem}_{last}_path"], "path"
    elif use.callee in SEEDERS and use.argument in ("0", "seed") and isinstance(use.value, int):
        candidates, type = ["seed", f"{last}_seed"], "int"
    elif use.argument in TUNED and isinstance(use.value, (int, float, str)) and not isinstance(use.value, bool):
        own = [snake(use.argument)] if len(use.argument) > 1 else []  # `C` alone says nothing
        candidates, type = [*own, f"{last}_{snake(use.argument)}", *of_variable(use, code)], type_of(use.value)
    elif wanted and can_be_wanted(use, code):
        own = [] if use.argument.isdigit() else [snake(use.argument)]
        candidates, type = [*own, f"{last or 'value'}_{snake(use.argument) if own else use.argument}"], type_of(use.value)
    else:
        return None
    name = taken.give(
        [candidate for candidate in candidates if candidate.isidentifier()] or [f"{last or 'value'}_{snake(use.argument) or 'path'}"]
    )
    help = f"the `{use.argument}` of {use.callee.lstrip('.')}" if not use.argument.isdigit() else f"given to {use.callee.lstrip('.')}"
    return Parameter(name, type, use.value, use.statement.cell, use.place.span.start_line, "literal", help, places=(use.place,))  # type: ignore[arg-type]


def of_variable(use: LiteralUse, code: LiveCode) -> list[str]:
    """`clf_max_iter` for the `max_iter` of a call that `clf` is the result of."""
    match code.tree(use.statement):
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if any(
            keyword.arg == use.argument and ast.unparse(keyword.value) == repr(use.value) for keyword in call.keywords
        ):
            return [f"{snake(name)}_{snake(use.argument)}"]
    return []


def names_file(use: LiteralUse, knowledge: Knowledge) -> bool:
    """Whether a text argument is a path that the call reads or writes, by library knowledge."""
    if not FILE_LIKE.match(str(use.value)) and "/" not in str(use.value):
        return False
    if use.callee.startswith("."):
        rules: Sequence[Rule] = knowledge.methods_named(use.callee[1:])
    else:
        rule = knowledge.function(use.callee) or knowledge.function(f"builtins.{use.callee}")
        rules = [rule] if rule else []
    arguments = [resource.argument for rule in rules for resource in (*rule.reads, *rule.writes) if resource.kind == "file"]
    return any(a is not None and (str(a.position) == use.argument or a.name == use.argument) for a in arguments)


def type_of(value: object) -> ParameterType:
    """The parameter type of a literal."""
    if isinstance(value, str):
        if is_date(value):
            return "date"
        return "path" if FILE_LIKE.match(value) and not value.startswith(("http:", "https:")) else "str"
    kinds: dict[type, ParameterType] = {bool: "bool", int: "int", float: "float", list: "list", tuple: "list", dict: "dict"}
    return kinds.get(type(value), "none")


def is_date(text: str) -> bool:
    """Whether a text is a day, as in 2024-12-31."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def comment(use: LiteralUse, code: LiveCode) -> str:
    """The comment at the end of the assignment's line."""
    lines = code.notebook.cells[use.statement.cell].code.split("\n")
    rest = lines[use.place.span.end_line - 1][use.place.span.end_column :]
    text = rest.partition("#")[2].strip() if rest.lstrip(" ;").startswith("#") else ""
    return masked(text, code.secrets) if text else ""


def snake(name: str) -> str:
    """CamelCase and odd characters as lower-case words."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    plain_text = re.sub(r"\W+", "_", spaced).strip("_").lower()
    return plain_text if plain_text.isidentifier() else f"value_{plain_text}" if plain_text else ""
