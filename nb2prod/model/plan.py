"""What the package will be, decided but not written: parameters, imports, definitions, stages.

TEST_SIZE = 0.2                          Parameter("test_size", "float", 0.2, variable="TEST_SIZE", ...)
df = pd.read_csv('churn.csv')      ->    Stage("load_customers", module="data", inputs=(churn_path,), outputs=(df,), ...)
def clean(d): return d[d.x > LIMIT]      Definition("clean", globals=("limit",), calls=(Place(4, ...),))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import Place, StatementId

ParameterType = Literal["bool", "int", "float", "str", "path", "date", "list", "dict", "none"]


TABLE = "pandas.DataFrame"
Access = Literal["", "read", "written", "read and written"]


@dataclass(frozen=True)
class Parameter:
    """A value of the notebook that a job may vary.

    `places` are all the spots in live code that mean it: mentions of `variable` (empty when it comes from a bare literal) or the literal
    itself. `default` is the notebook's value as plain Python data; a secret one has none and is required from the environment. `access` says
    what the notebook does with the file that a path names, where that is known. `source` is the value in the notebook's own words, by which
    the metadata of its cell can ask for something else (empty: nothing can be asked), and `literals` are the spots in cells where that value is written.
    """

    name: str
    type: ParameterType
    default: object
    cell: int
    line: int
    origin: Literal["tag", "constant", "literal"]
    help: str = ""
    variable: str = ""
    places: tuple[Place, ...] = ()
    secret: bool = False
    access: Access = ""
    source: str = ""
    literals: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Import:
    """One name an import binds: `import pandas as pd` is Import("pd", "pandas"), `from math import pi as p` Import("p", "math", "pi"),
    `import os.path` Import("os", "os.path"), `from x import *` Import("*", "x", "*")."""

    bound: str
    module: str
    attribute: str = ""


@dataclass(frozen=True)
class Definition:
    """A function or class of the notebook that moves to module level as it is, or the assignment of a constant that one of them reads.

    `globals` are the names it reads from the notebook: they become keyword-only arguments, handed over by name at each of its `calls` and
    bound by `functools.partial` where it `escapes` as a value.
    """

    name: str
    statement: StatementId
    module: str
    globals: tuple[str, ...] = ()
    calls: tuple[Place, ...] = ()
    escapes: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Variable:
    """A value that passes a stage's border: its name there and its type where known ("pandas.DataFrame", "float", "" for unknown)."""

    name: str
    type: str = ""


@dataclass(frozen=True)
class Stage:
    """Live statements that become one function.

    `inputs` are parameters or outputs of earlier stages, `outputs` what later stages or the results need. `results` are the shown values and
    figures captured inside it (their names are among the outputs). After each statement in `closes` all open figures are closed, as the
    notebook closes them at the end of a cell. `doc` is the markdown above it. `as_module` says that the names it binds are the module's own,
    as they were in the notebook: its code asks for that (`globals()`, a class body that reads what it binds, a function sent to other processes).
    """

    name: str
    module: str
    statements: tuple[StatementId, ...]
    inputs: tuple[Variable, ...]
    outputs: tuple[Variable, ...]
    title: str = ""
    doc: str = ""
    results: tuple[Result, ...] = ()
    closes: tuple[StatementId, ...] = ()
    updates: tuple[str, ...] = ()
    as_module: bool = False

    @property
    def cells(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(id.cell for id in self.statements))


@dataclass(frozen=True)
class Rename:
    """An expression at a place in a statement that becomes a plain name."""

    place: Place
    name: str
    statement: StatementId


@dataclass(frozen=True)
class Drop:
    """A statement that does not come along, and why."""

    statement: StatementId
    reason: str


@dataclass(frozen=True)
class Plan:
    """Everything the emitters need; they decide nothing but layout.

    `requirements` maps each third-party distribution to the version the notebook ran with ("" where unknown), `lock` these and all that they
    need in turn, as they were installed (empty where that is not known as a whole), and `unnamed` are those that no import names, since another loads
    them; `inputs` are the files it
    reads, relative to the notebook's folder; `local_modules` are Python files beside the notebook that it imports. `renames` are spots in
    live code that get another name (`Out[3]` and `_`, which mean a value shown earlier).
    """

    package: str
    title: str
    purpose: str
    parameters: tuple[Parameter, ...]
    imports: tuple[Import, ...]
    definitions: tuple[Definition, ...]
    stages: tuple[Stage, ...]
    results: tuple[Result, ...]
    drops: tuple[Drop, ...]
    requirements: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    local_modules: tuple[str, ...] = ()
    renames: tuple[Rename, ...] = ()
    python: str = ""
    unnamed: tuple[str, ...] = ()
    lock: Mapping[str, str] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, tuple[str, ...]]:
        """By stage the tables that it gives or changes in place, and that a later stage takes; of a stage that is alone all that it gives."""
        found = {}
        for rank, stage in enumerate(self.stages):
            changed = (variable for variable in stage.inputs if variable.name in stage.updates)
            taken = {variable.name for later in self.stages[rank + 1 :] for variable in later.inputs}
            tables = dict.fromkeys(variable.name for variable in (*stage.outputs, *changed) if variable.type == TABLE)
            passed = tuple(name for name in tables if name in taken or len(self.stages) == 1)
            if passed:
                found[stage.name] = passed
        return found
