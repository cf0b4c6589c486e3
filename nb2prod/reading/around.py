"""All cells of a notebook, read once -> what a second look at each needs to know of the others.

rows = !ls       hits = rows.grep("a")     ->   Around(names={"rows", "hits"}, lines={"rows", "hits"}, ...)
%%capture seen   print(seen.stdout)        ->   Around(uses={"seen": {"stdout"}}, ...)
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from nb2prod.model.syntax import nodes_of, of_tree
from nb2prod.reading.shell_lines import given_lines, is_lines
from nb2prod.reading.translations import Around

OTHER_USE = ""
WIDGETS = ("ipywidgets", "IPython.html.widgets")
BINDERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.arg, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)


def look_around(trees: Iterable[ast.Module]) -> Around:
    """What the cells say together."""
    trees = list(trees)
    values: dict[str, list[ast.expr | None]] = {}
    for tree in trees:
        for name, value in bindings(tree):
            values.setdefault(name, []).append(value)
    shells = {name for name, given in values.items() if all(value is not None and is_shell(value) for value in given)}
    uses = {name: frozenset(found) for name, found in _uses(trees).items()}
    functions, interacts = _functions(trees, values), frozenset(_interacts(trees))
    before = _folder_before(trees, values)
    everywhere = given_lines(values)
    for_a_while = frozenset(_bound_on_top(trees, values)) - everywhere
    return Around(frozenset(values), MappingProxyType(uses), frozenset(shells), everywhere, functions, interacts, before, for_a_while)


def _functions(trees: Iterable[ast.Module], values: Mapping[str, Sequence[ast.expr | None]]) -> Mapping[str, ast.FunctionDef]:
    """The functions that cells define, each by a name that is bound once."""
    found = {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}
    return MappingProxyType({name: node for name, node in found.items() if len(values[name]) == 1})


def _interacts(trees: Iterable[ast.Module]) -> Iterator[str]:
    """What the notebook calls `interact`: by its name, or as a part of its module."""
    for node in (node for tree in trees for node in tree.body):
        if isinstance(node, ast.ImportFrom) and node.module in WIDGETS:
            yield from (alias.asname or alias.name for alias in node.names if alias.name == "interact")
        elif isinstance(node, ast.Import):
            yield from (f"{alias.asname or alias.name}.interact" for alias in node.names if alias.name in WIDGETS)


def _bound_on_top(trees: Iterable[ast.Module], values: Mapping[str, Sequence[ast.expr | None]]) -> Iterator[str]:
    """The names that at times hold the lines of a shell command and are bound by assignments at the top of cells only."""
    on_top = Counter(
        target.id
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    )
    for name, given in values.items():
        if on_top[name] == len(given) and any(value is not None and is_lines(value, ()) for value in given):
            yield name


def _folder_before(trees: Sequence[ast.Module], names: Collection[str]) -> str:
    """A name for the folder the notebook was in before, where `%cd -` goes back there after a `%cd` at the top of a cell; IPython does not
    count other ways to change the folder."""
    changes = [_changed_folder(node) for tree in trees for node in tree.body]
    back = [rank for rank, folder in enumerate(changes) if folder == "-"]
    calls = [node for tree in trees for node in nodes_of(tree) if isinstance(node, ast.Attribute) and node.attr == "chdir"]
    inside = len([1 for tree in trees for node in nodes_of(tree) if _changed_folder(node)]) > len([1 for folder in changes if folder])
    if not back or not any(folder not in ("", "-") for folder in changes[: back[0]]) or inside:
        return ""
    own = all(isinstance(call.value, ast.Call) for call in calls)  # `%cd data` as it was read: __import__('os').chdir('data')
    return next(name for name in ("previous_folder", "folder_left_before") if name not in names) if own else ""


def _changed_folder(node: ast.AST) -> str:
    """The folder a statement goes to by `%cd`, "-" for the one before; empty for any other statement."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
        return ""
    if call.func.attr == "chdir":
        return ast.unparse(call.args[0])
    words = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    return "-" if call.func.attr == "run_line_magic" and words in (["cd", "-"], ["cd", "-q -"]) else ""


def is_shell(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython" and not node.args


@of_tree
def bindings(tree: ast.AST) -> tuple[tuple[str, ast.expr | None], ...]:
    """Every name that is bound anywhere, with the value where it is simply assigned one."""
    return tuple(_bindings(tree))


def _bindings(tree: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    plain: set[int] = set()
    for node in nodes_of(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    plain.add(id(target))
                    yield target.id, node.value
    for node in nodes_of(tree):
        if isinstance(node, ast.Name):
            yield from [(node.id, None)] if not isinstance(node.ctx, ast.Load) and id(node) not in plain else ()
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name.partition(".")[0], None) for alias in node.names)
        elif isinstance(node, BINDERS) and (name := node.arg if isinstance(node, ast.arg) else node.name):
            yield name, None


def _uses(trees: Iterable[ast.Module]) -> dict[str, set[str]]:
    """How names are used: by which attributes, or otherwise. `name.show()` or `name()` alone on a line is the use `show`."""
    found: dict[str, set[str]] = {}
    for tree in trees:
        special: set[int] = set()
        for node in nodes_of(tree):
            if isinstance(node, ast.Expr) and isinstance(shown := _called(node.value), ast.Name):
                special.add(id(shown))
                found.setdefault(shown.id, set()).add("show")
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                special.add(id(node.value))
                found.setdefault(node.value.id, set()).add(node.attr)
        for node in nodes_of(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in special:
                found.setdefault(node.id, set()).add(OTHER_USE)
    return found


def _called(node: ast.expr) -> ast.expr:
    """The `x` of `x`, `x()` and `x.show()`."""
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        node = node.func
        return node.value if isinstance(node, ast.Attribute) and node.attr == "show" else node
    return node
