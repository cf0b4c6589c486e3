"""Values that some road from a scheduler to the code spoils: each beside the default of its parameter, which says its type."""

from __future__ import annotations

from typing import Any

LINES = "two\nlines"
BRACES = "{{ ds }} {% x %} ${{ y }} ${z} {{.Name}}"
VALUES: tuple[tuple[object, object], ...] = (
    *(("plain", text) for text in ("010", "false", "none", "null", "", "[3]", "1e5", "0x10", "2026-02-30", "12:30", "~", "no", "=", ",")),
    *(("plain", text) for text in ("it's", 'a "b" c', "100% %Y-%m %%", "$HOME $(HOME) $$", "$(id) `id`", "a\\b\\n", "--flag=1", "-p")),
    *(
        ("plain", text)
        for text in ("# no comment", "*?![a]", " spaced\t ", "größe → 漢字 🙂", "a;b|c&d>e", "/tmp/a b/c d.csv", LINES, BRACES)
    ),
    ("2026-01-31", "2026-02-28"),
    (True, False),
    *((1, number) for number in (0, -5, 2**70)),
    *((0.5, number) for number in (-1e-12, 1e300, 3.0)),
    ([1], [3, "x", "'\"%$", None, False]),
    ([1], []),
    ({"k": 1}, {"k": [None, True, "010"], "a b": "it's"}),
)
# The same values on two roads at once: `a` from jobs/job.toml, `b` from whoever starts the run.
DEFAULTS: dict[str, Any] = {f"{road}{number:02}": default for road in "ab" for number, (default, _) in enumerate(VALUES)}
SET: dict[str, Any] = {f"a{number:02}": value for number, (_, value) in enumerate(VALUES)}
GIVEN: dict[str, Any] = {f"b{number:02}": value for number, (_, value) in enumerate(VALUES)}
CELLS = (
    "import json\n" + "\n".join(f"{name} = {value!r}" for name, value in DEFAULTS.items()),
    "with open('seen.json', 'w') as file:\n    json.dump({" + ", ".join(f"{name!r}: {name}" for name in DEFAULTS) + "}, file)",
    "total = a33 * b33\nprint(total)",
)


def without(values: dict[str, Any], *marks: str) -> dict[str, Any]:
    """The values but for those in which a mark stands, which a target refuses."""
    return {name: value for name, value in values.items() if not any(mark in str(value) for mark in marks)}
