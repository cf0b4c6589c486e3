"""A type as the plan names it -> the text of an annotation and the import it needs.

"pandas.DataFrame"    pd.DataFrame         the notebook's own `import pandas as pd`
"scipy.sparse.csr_matrix"   csr_matrix     `from scipy.sparse import csr_matrix`, for type checkers only
"" or nothing known   Any
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from nb2prod.codegen.parameters_module import annotation_of
from nb2prod.model.dataflow import Result
from nb2prod.model.plan import Import, Plan, Variable

ANY = Import("Any", "typing", "Any")
CALLABLE = Import("Callable", "collections.abc", "Callable")
USUAL_ALIASES = {"pandas": "pd", "numpy": "np"}
SPECIAL = {
    "builtins.function": "Callable[..., Any]",
    "builtins.builtin_function_or_method": "Callable[..., Any]",
    "numpy.float64": "float",  # a subclass of it
}
# What the knowledge calls kinds of classes that behave alike; no library has a class of that name.
FAMILIES = re.compile(
    r"(sklearn|statsmodels)\.\w+|(bokeh|catboost|lightgbm|xgboost)\.Model|hashlib\.Hash|imblearn\.(Resampled|Sampler|SeededSampler)"
    r"|matplotlib\.(axes|figure)\.AxesArray|networkx\.View|nltk\.Tool|pandas\.(NDFrame|NamedFunc)|plotly\.graph_objects\.Part"
    r"|scipy\.(integrate\.OdeResult|interpolate\.Interpolator|sparse\.Matrix|spatial\.Shape|stats\.(\w*Distribution|Result))"
    r"|sklearn\.(datasets\.FrameBunch|tree\.Tree)|statsmodels\.datasets\.Dataset|yellowbrick\.Visualizer"
)


class Annotation(NamedTuple):
    """The text; the imports it needs when the module is loaded, and those only type checkers need."""

    text: str
    imports: tuple[Import, ...] = ()
    checking: tuple[Import, ...] = ()


UNKNOWN = Annotation("Any", (ANY,))
OF_ANYTHING = {
    "list": "list[Any]",
    "dict": "dict[Any, Any]",
    "set": "set[Any]",
    "frozenset": "frozenset[Any]",
    "tuple": "tuple[Any, ...]",
    "type": "type[Any]",
}
# Classes that want to be told of what; "Any" is all that is known.
GENERIC = {
    **dict.fromkeys(
        ("collections.Counter", "collections.deque", "functools.partial", "re.Pattern", "re.Match", "itertools.chain"), "[Any]"
    ),
    **dict.fromkeys(("collections.defaultdict", "collections.OrderedDict", "collections.ChainMap", "types.MappingProxyType"), "[Any, Any]"),
}


def variable_annotation(variable: Variable, plan: Plan, taken: Collection[str]) -> Annotation:
    """The annotation of a stage's input or output; a parameter's type is the parameter's."""
    for parameter in plan.parameters:
        if parameter.name == variable.name:
            text = annotation_of(parameter)
            return Annotation(text, (ANY,) if "Any" in text else ())
    figure = next((r for stage in plan.stages for r in stage.results if r.name == variable.name and r.kind == "figure"), None)
    if figure is not None:
        return figure_annotation(figure, plan, taken)
    return type_annotation(variable.type, plan, taken)


def figure_annotation(result: Result, plan: Plan, taken: Collection[str]) -> Annotation:
    """The annotation of a captured figure, or of the list of all open ones."""
    one = type_annotation("matplotlib.figure.Figure", plan, taken)
    return one._replace(text=f"list[{one.text}]") if result.many else one


def type_annotation(name: str, plan: Plan, taken: Collection[str]) -> Annotation:
    """The annotation for a dotted importable type; a type from the notebook itself is one of its classes."""
    if name in SPECIAL:
        return Annotation(SPECIAL[name], (ANY, CALLABLE) if "Any" in SPECIAL[name] else ())
    plain = name.removeprefix("builtins.")
    if plain in OF_ANYTHING:
        return Annotation(OF_ANYTHING[plain], (ANY,))
    if _is_builtin(plain):
        return Annotation(plain)
    local = name.removeprefix("__main__.")
    if any(definition.name == local for definition in plan.definitions):
        return Annotation(local)
    module, _, attribute = name.rpartition(".")
    if (
        FAMILIES.fullmatch(name)
        or not module
        or module in ("builtins", "__main__")
        or not all(part.isidentifier() for part in name.split("."))
    ):
        return UNKNOWN
    found = _imported(module, attribute, plan) or _for_checking(module, attribute, taken)
    if name not in GENERIC or found == UNKNOWN:
        return found
    return found._replace(text=f"{found.text}{GENERIC[name]}", imports=(*found.imports, ANY))


def is_postponed(annotations: Iterable[Annotation]) -> bool:
    """Whether one of them reaches into a module, which only a type checker should do."""
    return any("." in annotation.text.replace("...", "") for annotation in annotations)


def _is_builtin(name: str) -> bool:
    """Whether it is a built-in class, or one with arguments such as `list[str]`."""
    try:
        tree = ast.parse(name, mode="eval")
    except SyntaxError:
        return False
    if not isinstance(tree.body, (ast.Name, ast.Subscript)):
        return False
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    allowed = (ast.Expression, ast.Name, ast.Subscript, ast.Tuple, ast.Load)
    return all(isinstance(getattr(builtins, name, None), type) for name in names) and all(isinstance(n, allowed) for n in ast.walk(tree))


def _imported(module: str, attribute: str, plan: Plan) -> Annotation | None:
    """The type by an import of the notebook; a class is the same where a package passes it on from a module of its own."""
    for imported in plan.imports:
        if imported.attribute == attribute and f"{module}.".startswith(f"{imported.module}."):
            return Annotation(imported.bound, (imported,))
        if imported.module == module and not imported.attribute:
            path = module if imported.bound == module.split(".")[0] else imported.bound
            return Annotation(f"{path}.{attribute}", (imported,))
    return None


def _for_checking(module: str, attribute: str, taken: Collection[str]) -> Annotation:
    alias = USUAL_ALIASES.get(module)
    if alias and alias not in taken:
        return Annotation(f"{alias}.{attribute}", checking=(Import(alias, module),))
    if attribute in taken:
        return UNKNOWN
    return Annotation(attribute, checking=(Import(attribute, module, attribute),))
