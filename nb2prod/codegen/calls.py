"""A stage -> the one line that calls it, the same in `pipeline.py` and in the thin notebook.

    Stage("split", inputs=(df, test_size), outputs=(train, test))   ->   train, test = split(df=df, test_size=parameters.test_size)

Nothing else knows how a stage is called.
"""

from __future__ import annotations

from collections.abc import Iterable

from nb2prod.model.plan import Parameter, Plan, Stage

LINE_LENGTH = 120


def stage_call(
    stage: Stage, parameters: Iterable[Parameter], indent: str = "", hidden: frozenset[str] = frozenset(), width: int = LINE_LENGTH
) -> str:
    """The statement that calls `stage`, each line starting with `indent`, with no final newline.

    Inputs are passed as keywords, those that are parameters as `parameters.NAME`; one output is a bare name, several are unpacked,
    none leaves a plain call. A call that does not fit in `width` has one argument a line. Variables in `hidden` get an underscore behind.
    """
    known = {parameter.name for parameter in parameters}
    arguments = [f"{i.name}=parameters.{i.name}" if i.name in known else f"{i.name}={safe_name(i.name, hidden)}" for i in stage.inputs]
    outputs = [safe_name(output.name, hidden) for output in stage.outputs]
    head = f"{indent}{', '.join(outputs)} = {stage.name}(" if outputs else f"{indent}{stage.name}("
    line = head + ", ".join(arguments) + ")"
    if len(line) <= width:
        return line
    if not arguments:
        return "\n".join([f"{indent}(", *(f"{indent}    {output}," for output in outputs), f"{indent}) = {stage.name}()"])
    return "\n".join([head, *(f"{indent}    {argument}," for argument in arguments), f"{indent})"])


def stage_import(stage: Stage, package: str) -> str:
    """The import that the call needs."""
    return f"from {package}.{stage.module} import {stage.name}"


def hidden_names(plan: Plan) -> frozenset[str]:
    """The variables that would hide a stage or `parameters` where all of them live in one namespace."""
    variables = {variable.name for stage in plan.stages for variable in (*stage.inputs, *stage.outputs)}
    taken = {"parameters", "Parameters", "display", "print"} | {stage.name for stage in plan.stages}
    return frozenset(variables & taken - {parameter.name for parameter in plan.parameters})


def safe_name(name: str, hidden: frozenset[str]) -> str:
    """The name a variable goes by."""
    return f"{name}_" if name in hidden else name
