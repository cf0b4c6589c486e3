"""A stage's function -> the same function without the traps of code that was written for a module.

list = list(x)            list = builtins.list            a name read before the function binds it would be unbound
time = time.time()   ->   import time                     (the same for an import)
def f():                  def f():
    global n                  nonlocal n                  the notebook's names are the function's locals now
ax = df.plot()            df.plot()                       a name nothing reads
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Mapping

import libcst as cst
import libcst.matchers as m

from nb2prod.codegen.flow import Flow
from nb2prod.codegen.names import BUILTINS, Names, free_name

BY_FUNCTION = "# bound by a function below"


def settle(function: cst.FunctionDef, outputs: Collection[str], origins: Mapping[str, str], names: Names) -> cst.FunctionDef:
    """The function with its names made sound.

    `outputs` are the names it returns; `origins` gives the import statement of every module-level name.
    """
    function = _as_nonlocal(function)
    lines = _first_lines(function, outputs, origins, names)
    if not lines:
        return function
    body = function.body.with_changes(body=[*_docstring(function), *map(cst.parse_statement, lines), *_code(function)])
    return function.with_changes(body=body)


def publish(function: cst.FunctionDef, origins: Mapping[str, str], names: Names) -> cst.FunctionDef:
    """The function with its variables in the module, as they were in the notebook; what an earlier run left there goes first."""
    function = _drop_globals(function)
    bound = sorted(_locals(function)[0])
    name = free_name("name", names.taken)
    lines = [f"for {name} in {tuple(bound)!r}:  # left by an earlier run\n    globals().pop({name}, None)"] if bound else []
    lines += [origins[name] for name in bound if name in origins]
    declared = [f"global {', '.join(bound)}"] if bound else []
    asked = function.visit(_ByName())
    assert isinstance(asked, cst.FunctionDef)
    body = [*_docstring(asked), *map(cst.parse_statement, [*declared, *lines]), *_code(asked)]
    return asked.with_changes(body=asked.body.with_changes(body=body))


def _text(function: cst.FunctionDef) -> str:
    """The function as a coroutine, where everything is allowed that a stage may hold for now."""
    return cst.Module([function.with_changes(asynchronous=cst.Asynchronous())]).code


def _docstring(function: cst.FunctionDef) -> list[cst.BaseStatement]:
    return list(function.body.body[:1]) if function.get_docstring() is not None else []  # type: ignore[arg-type]


def _code(function: cst.FunctionDef) -> list[cst.BaseStatement]:
    return list(function.body.body[len(_docstring(function)) :])  # type: ignore[arg-type]


def _locals(function: cst.FunctionDef) -> tuple[set[str], set[str]]:
    """The names the function binds itself, and its arguments."""
    table = symtable.symtable(_text(function), "stage", "exec").get_children()[0]
    symbols = table.get_symbols()
    arguments = {symbol.get_name() for symbol in symbols if symbol.is_parameter()}
    return {symbol.get_name() for symbol in symbols if symbol.is_local()} - arguments, arguments


def _first_lines(function: cst.FunctionDef, outputs: Collection[str], origins: Mapping[str, str], names: Names) -> list[str]:
    bound, arguments = _locals(function)
    tree = ast.parse(_text(function)).body[0]
    assert isinstance(tree, ast.AsyncFunctionDef)
    flow = Flow(arguments)
    flow.run(statement for statement in tree.body if not isinstance(statement, ast.Return))
    lines = []
    for name in flow.early:
        if name in bound and name in origins:
            lines.append(origins[name])
        elif name in bound and name in BUILTINS:
            lines.append(f"{name} = {names.modules['builtins']}.{name}")
    unsure = [name for name in outputs if name in bound and name not in flow.bound and name not in flow.early]
    return lines + [f"{name} = None  # bound only under a condition" for name in unsure]


def _as_nonlocal(function: cst.FunctionDef) -> cst.FunctionDef:
    if not m.findall(function, m.Global()):
        return function
    function = _drop_globals(function)
    bound, arguments = _locals(function)
    nested = [cst.ensure_type(found, cst.Global) for found in m.findall(function, m.Global())]
    missing = {item.name.value for declaration in nested for item in declaration.names} - bound - arguments
    declared = [cst.parse_statement(f"{name}: Any  {BY_FUNCTION}") for name in sorted(missing)]
    function = function.with_changes(body=function.body.with_changes(body=[*_docstring(function), *declared, *_code(function)]))
    changed = function.visit(_Nonlocal())
    assert isinstance(changed, cst.FunctionDef)
    return changed


def _drop_globals(function: cst.FunctionDef) -> cst.FunctionDef:
    """`global x` outside functions says nothing in a notebook, and something else in a stage."""
    changed = function.visit(_OwnGlobals())
    assert isinstance(changed, cst.FunctionDef)
    return changed


class _OwnGlobals(cst.CSTTransformer):
    def __init__(self) -> None:
        super().__init__()
        self.depth = 0

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.depth += 1

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        self.depth -= 1
        return updated_node

    def leave_Global(self, original_node: cst.Global, updated_node: cst.Global) -> cst.Global | cst.RemovalSentinel:
        return cst.RemoveFromParent() if self.depth == 1 else updated_node


class _ByName(cst.CSTTransformer):
    """What reaches a notebook's variables by name outside functions reaches the module's: `locals()` is `globals()` there."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        self.depth += 1
        return self.depth == 1

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        return False

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        called = updated_node.func.value if isinstance(updated_node.func, cst.Name) else ""
        module = cst.parse_expression("globals()")
        if called in ("exec", "eval") and len(updated_node.args) == 1:
            return updated_node.with_changes(args=[*updated_node.args, cst.Arg(module)])
        if called in ("locals", "vars") and not updated_node.args:
            return module
        return cst.parse_expression("sorted(globals())") if called == "dir" and not updated_node.args else updated_node

    def leave_AnnAssign(self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        if not isinstance(updated_node.target, cst.Name):
            return updated_node
        if updated_node.value is None:
            return cst.RemoveFromParent()
        return cst.Assign([cst.AssignTarget(updated_node.target)], updated_node.value)  # a global name may not be annotated


class _Nonlocal(cst.CSTTransformer):
    def leave_Global(self, original_node: cst.Global, updated_node: cst.Global) -> cst.Nonlocal:
        return cst.Nonlocal(updated_node.names)
