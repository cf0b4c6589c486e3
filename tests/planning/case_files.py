"""Case files: markdown that people read as a table of small notebooks and what the plan makes of them.

    ## A constant in capitals is a parameter           one case: a heading,

    ```python                                          fenced cells of a notebook (```markdown for prose),
    LIMIT = 3
    ```
    ```python
    print(LIMIT * 2)
    ```

    - parameters: limit int = 3 (1)                    and what is expected, in the words of `described`

Every case is also run: as it is, with everything kept, and cut into as many stages as the plan allows (see `test_running.py`). `keep` names
variables to keep; `not run` says why running proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from nb2prod.model.plan import Import, Parameter, Plan, Stage

SHIELD = "\x00"
FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One case: where it stands, its sentence, its cells as (kind, text), and what is expected of them."""

    file: str
    title: str
    cells: tuple[tuple[str, str], ...]
    expected: dict[str, str] = field(hash=False)

    def __str__(self) -> str:
        return f"{self.file}: {self.title}"

    @property
    def keep(self) -> tuple[str, ...]:
        return tuple(self.expected.get("keep", "").split())


def read_cases(path: Path) -> list[Case]:
    """Every case of one file."""
    cases = []
    for part in re.split(r"^## ", shielded(path.read_text(encoding="utf-8")), flags=re.MULTILINE)[1:]:
        cells = tuple(
            (kind, text.replace(SHIELD, "#"))
            for kind, text in re.findall(r"^```(python|markdown)\n(.*?)\n?```$", part, re.MULTILINE | re.DOTALL)
        )
        rest = re.sub(r"^```(python|markdown)\n.*?\n?```$", "", part, flags=re.MULTILINE | re.DOTALL)
        expected = {key.strip(): value.strip() for key, value in re.findall(r"^- ([a-z ]+):(.*)$", rest, re.MULTILINE)}
        unknown = set(expected) - set(WORDS) - {"keep", "not run"}
        assert not unknown, f"{path.name}: unknown keys {unknown}"
        cases.append(Case(path.stem, part.partition("\n")[0].strip(), cells, expected))
    return cases


def shielded(text: str) -> str:
    """The file with the hashes inside fences changed, so that only headings of cases look like headings."""
    return re.sub(r"^```.*?^```$", lambda fence: fence.group().replace("#", SHIELD), text, flags=re.MULTILINE | re.DOTALL)


def all_cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.md")) for case in read_cases(path)]


def parameter_text(parameter: Parameter) -> str:
    """`limit int = 3 (2)`: name, type, default, and how many places mean it."""
    value = "secret" if parameter.secret else f"= {parameter.default!r}"
    return f"{parameter.name} {parameter.type} {value} ({len(parameter.places)})"


def import_text(one: Import) -> str:
    return f"{one.bound} = {one.module}" + (f":{one.attribute}" if one.attribute else "")


def stage_text(stage: Stage) -> str:
    inputs = ", ".join(variable.name for variable in stage.inputs)
    outputs = ", ".join(variable.name for variable in stage.outputs)
    return f"{stage.module}.{stage.name}({inputs})" + (f" -> {outputs}" if outputs else "")


# What can be expected of a plan, each as text; nothing at all is a dash.
WORDS = {
    "parameters": lambda plan: [parameter_text(parameter) for parameter in plan.parameters],
    "imports": lambda plan: [import_text(one) for one in plan.imports],
    "definitions": lambda plan: [d.name + (f"({', '.join(d.globals)})" if d.globals else "") for d in plan.definitions],
    "stages": lambda plan: [stage_text(stage) for stage in plan.stages],
    "requirements": lambda plan: list(plan.requirements),
    "results": lambda plan: [result.name for result in plan.results],
    "title": lambda plan: [plan.title],
}


def described(plan: Plan, keys: frozenset[str]) -> dict[str, str]:
    """A plan in the words of the case files."""
    return {key: "; ".join(words(plan)) or "-" for key, words in WORDS.items() if key in keys}
