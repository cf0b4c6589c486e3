"""Parameters as words of a command line and of a page.

    [1, 2]   ->   "[1, 2]"          True   ->   "true"          "010"   ->   "010"

The generated reader turns each text back into the same value.
"""

from __future__ import annotations

import json
import shlex

from nb2prod.codegen.literals import literal
from nb2prod.model.plan import Parameter, Plan


def text_of(value: object) -> str:
    """The text that the package's reader turns back into this value: texts as they are, the rest as JSON or a Python literal."""
    if isinstance(value, str):
        return value
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=repr)
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return literal(value, None)
    plain = list(value) if isinstance(value, tuple) else value
    return text if json.loads(text) == plain else literal(value, None)


def capitalized(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def option(parameter: Parameter) -> str:
    """The command line word that gives a parameter its default, quoted for a shell."""
    return shlex.quote(f"--{parameter.name.replace('_', '-')}={text_of(parameter.default)}")


def config_option(plan: Plan) -> str:
    """The option that names a config file, out of the way of a parameter called `config`."""
    return "--config-file" if any(parameter.name == "config" for parameter in plan.parameters) else "--config"


def figures_option(plan: Plan) -> str:
    """The option that names a folder for the figures among the results, out of the way of a parameter of that name; empty without figures."""
    if not any(result.kind == "figure" for result in plan.results):
        return ""
    return "--figures-folder" if any(parameter.name == "figures" for parameter in plan.parameters) else "--figures"


def help_option(plan: Plan) -> str:
    """The long help option, or the short one where a parameter is called `help`."""
    return "-h" if any(parameter.name == "help" for parameter in plan.parameters) else "--help"
