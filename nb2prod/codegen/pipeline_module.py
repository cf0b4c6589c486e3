"""The plan -> `pipeline.py`: the stages in order, and the results under the notebook's own names.

@dataclass(frozen=True)
class Results:
    accuracy: float

def run(parameters: Parameters | None = None, **changes: object) -> Results:
    parameters = Parameters.with_changes(parameters, changes)
    train, test = split(test_size=parameters.test_size)
    accuracy = evaluate(train=train, test=test)
    return Results(accuracy=accuracy)
"""

from __future__ import annotations

import ast
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import PurePath

import libcst as cst

from nb2prod.codegen.annotations import ANY, UNKNOWN, Annotation, figure_annotation, is_postponed, variable_annotation
from nb2prod.codegen.calls import stage_call
from nb2prod.codegen.docstrings import plain
from nb2prod.codegen.functions import Chunk, Scene
from nb2prod.codegen.sections import LONGEST, Call, Section, height_of, render_sections, sections_of, with_functions
from nb2prod.model.dataflow import Result
from nb2prod.model.plan import Import, Plan, Stage, Variable

CHECK = "check_contract"
RESULTS_OF = "results_of"
FIELDS = ("variable", "text", "figure")
RUN = '''
def run(parameters: Parameters | None = None, **changes: object) -> Results:
    """Run every stage and return the results.

    Args:
        parameters: What may vary; the notebook's own values where none are given.
        **changes: Single parameters that differ, by name.

    Raises:
        ParameterError: A parameter has an unknown name or a value of the wrong type.
    """
    parameters = Parameters.with_changes(parameters, changes)
'''


def pipeline_chunk(scene: Scene, laid_out: Callable[[str], str]) -> Chunk:
    """The whole module but its imports. Raises ValueError for a result that no stage, parameter, definition or import provides.

    `laid_out` gives code its final layout, by which a `run` is too long or not.
    """
    plan = scene.plan
    results = tuple(dict.fromkeys(result.name for result in plan.results if result.kind in FIELDS))
    origins = {name: next(r for r in plan.results if r.name == name and r.kind in FIELDS) for name in results}
    annotations = {name: _annotation(origins[name], scene) for name in results}
    fields = [_field(origins[name], annotations[name].text) for name in results]
    held = ", ".join(f"{name}={_value(name, plan)}" for name in results)
    lines = [line for stage in plan.stages for line in _lines(stage, plan)]
    body = RUN.strip("\n") + "\n" + _with_safe_names("\n".join([*lines, f"    return Results({held})\n"]), plan)
    sections = _sections(body, scene, results, laid_out)
    own = _own_annotations(sections, scene)
    notebook = PurePath(scene.notebook).name
    dataclass = '@dataclass(frozen=True)\nclass Results:\n    """What the notebook is for, under its own names."""\n\n' + "\n".join(fields)
    needed = [i for annotation in annotations.values() for i in annotation.imports]
    needed += [Import(stage.name, f"{plan.package}.{stage.module}", stage.name) for stage in plan.stages]
    needed += [Import(CHECK, f"{plan.package}.contract_checks", CHECK)] if plan.tables else []
    needed += [Import("Parameters", f"{plan.package}.parameters", "Parameters"), Import("dataclass", "dataclasses", "dataclass")]
    if sections:
        others = ", ".join(f"{name}={_value(name, plan)}" for name in results if not _is_given(name, plan))
        body = render_sections(sections, own, RUN.strip("\n") + "\n", others)
        needed += [*(i for annotation in own.values() for i in annotation.imports), Import("fields", "dataclasses", "fields"), ANY]
    checking = [i for annotation in (*annotations.values(), *own.values()) for i in annotation.checking]
    text = f"{dataclass.rstrip()}\n\n\n{body}"
    about = f"The stages of {notebook}, in order."
    postponed = is_postponed([*annotations.values(), *own.values()])
    provides = ("Results", "run", RESULTS_OF, *(name for section in with_functions(sections) for name in (section.name, section.values)))
    return Chunk("pipeline", provides, text, tuple(needed), tuple(checking), about, postponed=postponed)


def _sections(body: str, scene: Scene, results: Sequence[str], laid_out: Callable[[str], str]) -> tuple[Section, ...]:
    """The sections of a `run` that is too long, none of one that is not."""
    plan = scene.plan
    function = laid_out(body)
    if height_of(function) <= LONGEST or _hidden(plan):
        return ()
    run = ast.parse(function).body[-1]
    assert isinstance(run, ast.FunctionDef)
    heights = iter([(node.end_lineno or 0) - node.lineno + 1 for node in run.body[2:]])  # behind the docstring and the parameters
    calls = []
    for stage in plan.stages:
        lines = _lines(stage, plan)
        calls.append(Call(stage, tuple(lines), sum(next(heights) for _ in lines)))
    variables = {variable.name for stage in plan.stages for variable in (*stage.inputs, *stage.outputs)}
    kept = (
        scene.names.taken
        | variables
        | {stage.name for stage in plan.stages}
        | {"run", "changes", "fields", "dataclass", "Results", "Parameters", RESULTS_OF, CHECK}
    )
    return sections_of(calls, frozenset(name for name in results if _is_given(name, plan)), frozenset(kept))


def _own_annotations(sections: Sequence[Section], scene: Scene) -> dict[tuple[int, str], Annotation]:
    """The annotations of what each section gives, by its rank."""
    found: dict[tuple[int, str], Annotation] = {}
    for rank, section in enumerate(sections):
        outputs = {output.name: output for call in section.calls for output in call.stage.outputs}
        found.update({(rank, name): variable_annotation(outputs[name], scene.plan, scene.names.taken) for name in section.gives})
    return found


def _is_given(name: str, plan: Plan) -> bool:
    """Whether a stage gives the value of a result."""
    return any(output.name == name for stage in plan.stages for output in stage.outputs)


def _lines(stage: Stage, plan: Plan) -> list[str]:
    """The call of a stage, and the line that holds its tables against their contracts; black lays them out."""
    call = stage_call(stage, plan.parameters, "    ", width=sys.maxsize)
    tables = ", ".join(f"{name}={name}" for name in plan.tables.get(stage.name, ()))
    return [call, f'    {CHECK}("{stage.name}", {tables})'] if tables else [call]


def _annotation(result: Result, scene: Scene) -> Annotation:
    """The type of the last output of that name, or of the parameter that it is."""
    plan, taken = scene.plan, scene.names.taken
    if result.kind == "figure":
        return figure_annotation(result, plan, taken)
    outputs = [output for stage in plan.stages for output in stage.outputs if output.name == result.name]
    parameter = _parameter(result.name, plan)
    if outputs:
        return variable_annotation(outputs[-1], plan, taken)
    return variable_annotation(Variable(parameter), plan, taken) if parameter else UNKNOWN


def _field(result: Result, annotation: str) -> str:
    comment = textwrap.shorten(plain(result.why), 100, placeholder=" ...")
    return f"    {result.name}: {annotation}" + (f"  # {comment}" if comment else "")


def _parameter(name: str, plan: Plan) -> str:
    """The parameter that holds the notebook variable `name`, if one does."""
    return next((parameter.name for parameter in plan.parameters if name in (parameter.variable, parameter.name)), "")


def _value(name: str, plan: Plan) -> str:
    if _is_given(name, plan):
        return name
    parameter = _parameter(name, plan)
    if parameter:
        return f"parameters.{parameter}"
    if any(definition.name == name for definition in plan.definitions) or any(imported.bound == name for imported in plan.imports):
        return name
    raise ValueError(f"result {name}: no stage returns it, and it is no parameter, no definition and no import")


def _with_safe_names(lines: str, plan: Plan) -> str:
    """The lines of the function, where a variable would hide `parameters`, a stage or a class, with an underscore behind that variable."""
    hidden = _hidden(plan)
    if not hidden:
        return lines
    head = "def run():\n"
    return cst.parse_module(head + lines).visit(_Underscore(hidden)).code.removeprefix(head)


def _hidden(plan: Plan) -> set[str]:
    """The variables that would hide what the function needs."""
    variables = {variable.name for stage in plan.stages for variable in (*stage.inputs, *stage.outputs)}
    kept = {"parameters", "Parameters", "Results", CHECK} | {stage.name for stage in plan.stages}
    return variables & kept - {parameter.name for parameter in plan.parameters}


class _Underscore(cst.CSTTransformer):
    """Renames variables where `run` binds them and where it hands them on: targets of assignments and values of arguments."""

    def __init__(self, hidden: set[str]) -> None:
        super().__init__()
        self.hidden = hidden

    def leave_AssignTarget(self, original_node: cst.AssignTarget, updated_node: cst.AssignTarget) -> cst.AssignTarget:
        if isinstance(updated_node.target, cst.Tuple):
            elements = [element.with_changes(value=self._safe(element.value)) for element in updated_node.target.elements]
            return updated_node.with_changes(target=updated_node.target.with_changes(elements=elements))
        return updated_node.with_changes(target=self._safe(updated_node.target))

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(value=self._safe(updated_node.value)) if updated_node.keyword else updated_node

    def _safe(self, node: cst.BaseExpression) -> cst.BaseExpression:
        if isinstance(node, cst.Name) and node.value in self.hidden:
            return node.with_changes(value=f"{node.value}_")
        return node
