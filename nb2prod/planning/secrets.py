"""Secrets in live code -> secret parameters, which have no default and are read from the environment.

API_KEY = "sk-..."                     Parameter("api_key", secret=True, variable="API_KEY")
connect(password="hunter2")            Parameter("password", secret=True, places=(the literal,))
f"https://me:hunter2@{host}"           NB302 error: it cannot be taken out of the text
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nb2prod.knowledge.secrets import find_secrets, is_telling
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Place
from nb2prod.model.plan import Parameter
from nb2prod.planning.code import LiveCode

CODE = "NB302"
MESSAGE = "a secret inside a formatted text cannot be taken out of it"
HINT = "assign the secret to a variable of its own, and use that in the text"
HELP = "a secret of the notebook"


def find_stuck_secrets(code: LiveCode) -> tuple[Diagnostic, ...]:
    """An error for each secret that stands in a live f-string."""
    places = [code.place(id, secret.node) for id in code.statements for secret in find_secrets(code.tree(id)) if secret.formatted]
    return tuple(Diagnostic(CODE, Severity.error, MESSAGE, HINT, place.cell, place.span.start_line) for place in places)


def telling_values(code: LiveCode) -> frozenset[str]:
    """The values of secrets that are secret wherever they stand."""
    values = (str(secret.node.value) for id in code.statements for secret in find_secrets(code.tree(id)))
    return frozenset(value for value in values if is_telling(value))


def secret_literals(code: LiveCode, constants: frozenset[Place], give: Callable[[list[str]], str]) -> tuple[Parameter, ...]:
    """A parameter for each secret literal that is not the whole value of a parameter already (`constants`); equal ones share it."""
    found: dict[str, list[tuple[str, Place]]] = {}
    telling = telling_values(code)
    for id in code.statements:
        for secret in find_secrets(code.tree(id), telling):
            place = code.place(id, secret.node)
            if not secret.formatted and place not in constants:
                found.setdefault(str(secret.node.value), []).append((secret.name, place))
    parameters = []
    for mentions in found.values():
        named = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", mentions[0][0])).strip("_").lower()
        name = give([*([named] if named.isidentifier() else []), f"{named}_secret" if named.isidentifier() else "secret"])
        places = tuple(place for _, place in mentions)
        parameters.append(
            Parameter(name, "str", None, places[0].cell, places[0].span.start_line, "literal", HELP, places=places, secret=True)
        )
    return tuple(parameters)


def secret_values(code: LiveCode, parameters: tuple[Parameter, ...]) -> dict[str, str]:
    """What the notebook itself has for each secret parameter: for the environment of a proof run, never for a file."""
    values: dict[str, str] = {}
    for id in code.statements:
        for secret in find_secrets(code.tree(id)):
            place = code.place(id, secret.node)
            for parameter in parameters:
                assigned = parameter.variable and code.stores.get(parameter.variable) == [id]
                if parameter.secret and (place in parameter.places or assigned):
                    values[parameter.name] = str(secret.node.value)
    return values
