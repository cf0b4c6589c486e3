"""A cell's metadata under `nb2prod` -> what it asks about the parameters that the values in the cell become.

    {"parameters": {"KMeans.n_clusters": {"name": "groups", "parameter": true}}}
      ->  Wish("KMeans.n_clusters", (("name", "groups"), ("parameter", "true")))

Nothing is judged here: what nobody can do is said when the package is planned, with the cell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from nb2prod.model.notebook import Wish
from nb2prod.reading.characters import without_surrogates


def wishes_in(metadata: object) -> tuple[Wish, ...]:
    """The wishes in a cell's own metadata; none where it has another form."""
    asked = metadata.get("parameters") if isinstance(metadata, Mapping) else None
    return tuple(_wish(str(value), told) for value, told in asked.items()) if isinstance(asked, Mapping) else ()


def _wish(value: str, told: object) -> Wish:
    pairs = told.items() if isinstance(told, Mapping) else [("", told)]
    return Wish(without_surrogates(value), tuple((without_surrogates(str(key)), _text(item)) for key, item in pairs))


def _text(value: object) -> str:
    if isinstance(value, (list, Mapping)):
        return "..."
    return without_surrogates(value if isinstance(value, str) else json.dumps(value))
