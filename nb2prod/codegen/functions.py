"""Stages and definitions of the plan -> the text of functions and classes, each with the names it provides and the imports it needs.

Stage("load", statements=(3.0, 3.1), inputs=(path,), outputs=(df,))    def load(path: str) -> pd.DataFrame:
                                                                 ->        \"\"\"Load the data. ...\"\"\"
                                                                           # the export        (the notebook's own lines)
                                                                           df = pd.read_csv(path)
                                                                           return df
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import libcst as cst
from libcst import matchers

from nb2prod.codegen.annotations import ANY, CALLABLE, UNKNOWN, Annotation, is_postponed, variable_annotation
from nb2prod.codegen.captures import capture_figures, close_figures, hoist
from nb2prod.codegen.cells import ParsedCell
from nb2prod.codegen.closing import needless_closes
from nb2prod.codegen.docstrings import quoted, stage_docstring
from nb2prod.codegen.edits import CellEdits, apply_edits, lifted_names
from nb2prod.codegen.imports import import_line
from nb2prod.codegen.names import Names, free_name
from nb2prod.codegen.rewrites import rewrite
from nb2prod.codegen.scoping import BY_FUNCTION, publish, settle
from nb2prod.codegen.unread import without_unread
from nb2prod.model.notebook import StatementId
from nb2prod.model.plan import Definition, Import, Plan, Stage

NAMED_TUPLE = Import("NamedTuple", "typing", "NamedTuple")
TUPLE_METHODS = ("count", "index")
DEFINITION = matchers.OneOf(matchers.FunctionDef(), matchers.ClassDef())
_Followed = TypeVar("_Followed")


@dataclass(frozen=True)
class Scene:
    """All that modules are made of: the plan, the notebook's path, its parsed cells, the edits in them, the names to use.

    `acting` are the imports that matter though nobody reads the names they bind.
    """

    plan: Plan
    notebook: str
    cells: Mapping[int, ParsedCell]
    edits: Mapping[int, CellEdits]
    names: Names
    acting: tuple[Import, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """A piece of a module: its text, the names it provides, and the imports for its annotations (`checking`: for type checkers only).

    `about` is the docstring of the module where a piece has one to give; `stage` tells a stage from a definition; `postponed` that its
    annotations must not be evaluated: a type is what some run saw, and an attribute of a module may not be there in another release.
    """

    module: str
    provides: tuple[str, ...]
    text: str
    imports: tuple[Import, ...] = ()
    checking: tuple[Import, ...] = ()
    about: str = ""
    stage: bool = False
    postponed: bool = False


def stage_chunk(stage: Stage, scene: Scene) -> Chunk:
    """The stage's function and, where it returns several values, their named tuple above it.

    Raises ValueError when the plan cannot be laid out: a star import inside a stage.
    """
    inputs = [variable_annotation(variable, scene.plan, scene.names.taken) for variable in stage.inputs]
    statements = list(_statements(stage, scene))
    outputs = _output_annotations(stage, scene, statements)
    returned = _result_class(stage, scene)
    returns = returned or _bare_return(outputs)
    signature = ", ".join(f"{variable.name}: {annotation.text}" for variable, annotation in zip(stage.inputs, inputs, strict=True))
    docstring = quoted(stage_docstring(stage, scene.plan, scene.notebook), "    ")
    head = cst.parse_statement(f"def {stage.name}({signature}) -> {returns}:\n    {docstring}\n")
    function = cst.ensure_type(head, cst.FunctionDef)
    body = [*function.body.body, *statements, *_return(stage, returned)]
    function = function.with_changes(body=cst.IndentedBlock(body))
    code = _settled(rewrite(cst.Module([function]), scene.names), stage, scene)
    text = (_tuple_text(returned, stage, outputs) + code) if returned else code
    needed = [i for annotation in (*inputs, *outputs) for i in annotation.imports] + ([NAMED_TUPLE] if returned else [])
    needed += [ANY] if BY_FUNCTION in code else []
    checking = [i for annotation in (*inputs, *outputs) for i in annotation.checking]
    provides = (stage.name, returned) if returned else (stage.name,)
    return Chunk(stage.module, provides, text, tuple(needed), tuple(checking), stage=True, postponed=is_postponed([*inputs, *outputs]))


def _output_annotations(stage: Stage, scene: Scene, statements: list[cst.BaseStatement]) -> list[Annotation]:
    """The annotations of what the stage gives; a name that was a function or module before it was a value is anything for mypy."""
    found = [variable_annotation(variable, scene.plan, scene.names.taken) for variable in stage.outputs]
    defined = {node.name.value for one in statements for node in matchers.findall(one, DEFINITION)}  # type: ignore[attr-defined]
    defined |= {one.bound for one in scene.plan.imports} | {one.name for one in scene.plan.definitions}
    names = [variable.name for variable in stage.outputs]
    return [UNKNOWN if name in defined and CALLABLE not in one.imports else one for name, one in zip(names, found, strict=True)]


def definition_chunk(definition: Definition, scene: Scene, open_figures: bool = False) -> Chunk:
    """The function or class with the notebook names it reads as keyword-only arguments.

    Raises ValueError when a class would need such arguments: the plan should have left it in a stage.
    """
    cell, rank = definition.statement
    piece = scene.cells[cell].pieces[rank]
    node: cst.BaseStatement = apply_edits(piece.node, scene.cells[cell], scene.edits[cell], scene.names.modules)
    handed = lifted_names(definition.globals, scene.edits[cell].renamed)
    if handed:
        node = _lifted(node, handed, definition.name)
    code = rewrite(cst.Module([node]), replace(scene.names, stage=False, open_figures=open_figures))  # type: ignore[list-item]
    return Chunk(definition.module, (definition.name,), code.code)


def _settled(code: cst.Module, stage: Stage, scene: Scene) -> str:
    """The text after the stage's names were made sound; of a stage that awaits, the coroutine holds its code."""
    outputs = [output.name for output in stage.outputs]
    origins = {imported.bound: import_line(imported) for imported in scene.plan.imports}
    homes = {definition.name: definition.module for definition in scene.plan.definitions}
    origins |= {name: f"from {scene.plan.package}.{module} import {name}" for name, module in homes.items()}
    first = cst.ensure_type(code.body[0], cst.FunctionDef)
    if stage.as_module:
        return code.with_changes(body=[publish(first, origins, scene.names), *code.body[1:]]).code
    settled = code.with_changes(body=[settle(first, outputs, origins, scene.names), *code.body[1:]])
    return without_unread(settled).code


def _statements(stage: Stage, scene: Scene) -> Iterator[cst.BaseStatement]:
    """The stage's statements with their edits, shown values and figures captured; blank lines part cells and paragraphs."""
    modules = scene.names.modules
    pyplot = modules["matplotlib.pyplot"]
    figures = _anchored([(r.statement, r) for r in stage.results if r.kind == "figure" and r.statement], stage.statements)
    closes = _anchored([(statement, True) for statement in stage.closes], stage.statements)
    spared = needless_closes([(id, _source(id, scene)) for id in stage.statements], set(closes), set(figures))
    above: StatementId | None = None
    for id in stage.statements:
        cell = scene.cells[id.cell]
        piece = cell.pieces[id.index]
        _refuse_star(piece.node, stage)
        lines = hoist(apply_edits(piece.node, cell, scene.edits[id.cell], modules), modules)
        drawing = capture_figures(lines[-1], figures.get(id, ()), pyplot) if lines else None
        lines = [*lines[:-1], *drawing.before, drawing.statement, *drawing.after] if drawing else lines
        lines += [close_figures(pyplot)] if id in closes and id not in spared else []
        parted = above is not None and (piece.gap or above.cell != id.cell)
        yield from _parted(lines) if parted else lines
        above = id if lines else above


def _source(id: StatementId, scene: Scene) -> str:
    return cst.Module([scene.cells[id.cell].pieces[id.index].node]).code


def _parted(lines: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """The lines with a blank line in front."""
    if not lines:
        return []
    first, *rest = lines
    return [first.with_changes(leading_lines=[cst.EmptyLine(indent=False), *first.leading_lines]), *rest]  # type: ignore[attr-defined]


def _anchored(wanted: Iterable[tuple[StatementId, _Followed]], statements: Sequence[StatementId]) -> dict[StatementId, list[_Followed]]:
    """What happens after which statement; what should follow a statement that was dropped follows the last one before it."""
    found: dict[StatementId, list[_Followed]] = {}
    for statement, what in wanted:
        before = [id for id in statements if id <= statement]
        anchor = statement if statement in statements else (before[-1:] or list(statements[:1]))[0]
        found.setdefault(anchor, []).append(what)
    return found


def _refuse_star(node: cst.BaseStatement, stage: Stage) -> None:
    small = node.body if isinstance(node, cst.SimpleStatementLine) else ()
    if any(isinstance(statement, cst.ImportFrom) and isinstance(statement.names, cst.ImportStar) for statement in small):
        raise ValueError(f"stage {stage.name}: a star import cannot stand in a function")


def _result_class(stage: Stage, scene: Scene) -> str:
    """The name for the named tuple of several outputs; empty where there is one, or where a name cannot be a field."""
    names = [output.name for output in stage.outputs]
    if len(names) < 2 or any(name.startswith("_") or name in TUPLE_METHODS for name in names):
        return ""
    camel = "".join(part[:1].upper() + part[1:] for part in re.split("_+", stage.name))
    return free_name(f"{camel}Result", scene.names.taken)


def _bare_return(outputs: Sequence[Annotation]) -> str:
    if len(outputs) == 1:
        return outputs[0].text
    return f"tuple[{', '.join(annotation.text for annotation in outputs)}]" if outputs else "None"


def _tuple_text(name: str, stage: Stage, outputs: Sequence[Annotation]) -> str:
    fields = "\n".join(f"    {output.name}: {annotation.text}" for output, annotation in zip(stage.outputs, outputs, strict=True))
    return f'class {name}(NamedTuple):\n    """What `{stage.name}` returns."""\n\n{fields}\n\n\n'


def _return(stage: Stage, returned: str) -> list[cst.BaseStatement]:
    names = [output.name for output in stage.outputs]
    if not names:
        return []
    values = f"{returned}({', '.join(f'{name}={name}' for name in names)})" if returned else ", ".join(names)
    statement = cst.parse_statement(f"return {values}")
    assert isinstance(statement, cst.SimpleStatementLine)
    return [statement]


def _lifted(node: cst.BaseStatement, names: Sequence[str], definition: str) -> cst.BaseStatement:
    """The function, or the assignment of a lambda, with keyword-only parameters of these names."""
    if isinstance(node, cst.FunctionDef):
        return node.with_changes(params=_with_parameters(node.params, names))
    assign = node.body[0] if isinstance(node, cst.SimpleStatementLine) else None
    if isinstance(assign, cst.Assign) and isinstance(assign.value, cst.Lambda):
        function = assign.value.with_changes(
            params=_with_parameters(assign.value.params, names), whitespace_after_lambda=cst.SimpleWhitespace(" ")
        )
        return node.with_changes(body=[assign.with_changes(value=function)])
    raise ValueError(f"definition {definition}: only a function can take notebook names as arguments")


def _with_parameters(parameters: cst.Parameters, names: Sequence[str]) -> cst.Parameters:
    known = {parameter.name.value for parameter in parameters.kwonly_params}
    added = [cst.Param(cst.Name(name)) for name in names if name not in known]
    star = cst.ParamStar() if isinstance(parameters.star_arg, cst.MaybeSentinel) else parameters.star_arg
    return parameters.with_changes(star_arg=star, kwonly_params=[*parameters.kwonly_params, *added])
