"""Which texts of a notebook no page may show, and a text without them.

API_KEY = "s3cr3t"   ->   secret_texts(...) == ('"s3cr3t"', "s3cr3t")      without("key is s3cr3t", ...) == "key is ••••"
"""

from __future__ import annotations

import html

from nb2prod.knowledge import secrets as known_secrets
from nb2prod.knowledge.secrets import MASK
from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import Notebook, Place
from nb2prod.model.plan import Plan

SHORTEST = 3  # shorter texts tell nothing and are everywhere


def secret_texts(notebook: Notebook, analysis: Analysis, plan: Plan) -> tuple[str, ...]:
    """All secrets of the notebook, and the literals behind secret parameters as written and as their values, line by line; the longest first."""
    secret = [parameter for parameter in plan.parameters if parameter.secret]
    names = {parameter.variable for parameter in secret if parameter.variable}
    places = {place for parameter in secret for place in parameter.places}
    texts = set(known_secrets.secret_texts(notebook))
    for use in analysis.literals:
        if use.target in names or use.place in places:
            texts.update(_written(notebook, use.place).splitlines())
            texts.update(str(use.value).splitlines())
    return tuple(sorted((text for text in texts if len(text.strip()) >= SHORTEST), key=lambda text: (-len(text), text)))


def without(text: str, secrets: tuple[str, ...]) -> str:
    """The text, plain or HTML, with a mask in the place of every secret."""
    for secret in secrets:
        for form in (secret, html.escape(secret)):
            text = text.replace(form, MASK)
    return text


def _written(notebook: Notebook, place: Place) -> str:
    """The source at a place."""
    span = place.span
    lines = notebook.cells[place.cell].code.splitlines()[span.start_line - 1 : span.end_line]
    if lines:
        lines[-1] = lines[-1][: span.end_column]
        lines[0] = lines[0][span.start_column :]
    return "\n".join(lines)
