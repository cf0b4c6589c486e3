"""A template's name and its values -> text: the only door to jinja2.

    render("dockerignore.jinja")   ->   ".git\\n..."

An undefined name in a template is our bug and raises; the text always ends in exactly one newline.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nb2prod.codegen.literals import literal

TEMPLATES = Path(__file__).parent / "scaffold" / "templates"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # what comes out is Python, TOML and Markdown, never HTML
    )
    environment.filters["literal"] = literal
    return environment


def render(template: str, **values: object) -> str:
    """The text of a template in `scaffold/templates`."""
    return _environment().get_template(template).render(**values).rstrip("\n") + "\n"
