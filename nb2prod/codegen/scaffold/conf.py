"""A plan -> `conf/base.toml` with every parameter at the notebook's value, and one file per environment to override some.

    Parameter("test_size", "float", 0.2, help="Share held back")   ->   # Share held back
                                                                         test_size = 0.2

A parameter whose value TOML cannot hold stands there as a comment.
"""

from __future__ import annotations

import tomli_w

from nb2prod.codegen.literals import literal, spelled
from nb2prod.codegen.parameters_module import environment_prefix
from nb2prod.codegen.templating import render
from nb2prod.codegen.words import capitalized, config_option
from nb2prod.model.plan import Parameter, Plan
from nb2prod.model.project import File

ENVIRONMENTS = {"dev": "on a developer's machine", "prod": "in production"}


def render_conf(plan: Plan) -> tuple[File, ...]:
    """The config files; a value TOML cannot hold (null) stands as a comment and keeps its default."""
    base = [line for parameter in _tables_last(plan) for line in _lines(parameter, plan)]
    files = [_file("base", "Every parameter at the notebook's value.", base, plan)]
    for name, where in ENVIRONMENTS.items():
        files.append(_file(name, f"What is different {where}: only the parameters that are.", _example(plan), plan))
    return tuple(files)


def _file(name: str, heading: str, lines: list[str], plan: Plan) -> File:
    path = f"conf/{name}.toml"
    values = {"heading": heading, "package": plan.package, "config_option": config_option(plan), "path": path}
    return File(path, render("conf.toml.jinja", lines=["", *lines] if lines else [], **values))


def _tables_last(plan: Plan) -> list[Parameter]:
    """In TOML whatever follows a table's heading belongs to the table."""
    return sorted(plan.parameters, key=lambda parameter: isinstance(parameter.default, dict))


def _lines(parameter: Parameter, plan: Plan) -> list[str]:
    if parameter.secret:
        return [f"# {parameter.name} is secret: set the environment variable {environment_prefix(plan)}{parameter.name.upper()}"]
    help = spelled(capitalized(" ".join(parameter.help.split())))
    written = _toml(parameter.name, parameter.default)
    if written is None:
        return [f"# {parameter.name} = {literal(parameter.default, None)} cannot be written in TOML; this is its value when it is left out"]
    return [*([""] if isinstance(parameter.default, dict) else []), *([f"# {help}"] if help else []), *written.rstrip("\n").split("\n")]


def _example(plan: Plan) -> list[str]:
    """The first plain parameter as a comment, to show the form."""
    for parameter in plan.parameters:
        written = None if parameter.secret or isinstance(parameter.default, dict) else _toml(parameter.name, parameter.default)
        if written is not None:
            return [f"# {line}" for line in written.rstrip("\n").split("\n")]
    return []


def _toml(name: str, value: object) -> str | None:
    """`name = value` in TOML, or None where TOML has no such value."""
    plain = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
    try:
        return tomli_w.dumps({name: plain})
    except (TypeError, ValueError, AttributeError):
        return None
