"""One magic or shell call -> what kind of directive it is and what becomes of it in the code.

    MagicCall("line", "matplotlib", "inline")   ->  Judgement("display", "blank")
    MagicCall("line", "time", "fit(x)")         ->  Judgement("timing", "unwrap", inner="fit(x)")
    MagicCall("shell", argument="pip install x")->  Judgement("dependency", "blank", requirements=("x",))
    MagicCall("line", "some_magic", "...")      ->  Judgement("other", "keep"): unknown means keep

The rules are tables; a name that is in none of them is kept as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from nb2prod.model.notebook import DirectiveKind
from nb2prod.reading.requirements import INSTALLERS, read_requirements

Treatment = Literal["blank", "unwrap", "keep"]
Rule = tuple[DirectiveKind, Treatment]


@dataclass(frozen=True)
class MagicCall:
    """A call IPython makes for special syntax: a line magic, a cell magic with its body, a shell command, or a usage screen."""

    form: Literal["line", "cell", "shell", "usage"]
    name: str = ""
    argument: str = ""
    body: str = ""


@dataclass(frozen=True)
class Judgement:
    """What a call is, and whether it leaves nothing (`blank`), the code in it (`unwrap`, which is `inner` and then the body) or itself."""

    kind: DirectiveKind
    treatment: Treatment
    requirements: tuple[str, ...] = ()
    inner: str = ""


# Magics that change only what a person sees, and bind no name.
LINE_RULES: tuple[tuple[DirectiveKind, Treatment, str], ...] = (
    ("display", "blank", "matplotlib config autoreload precision pinfo pinfo2 psearch pdoc pdef psource pfile lsmagic quickref magic"),
    ("display", "blank", "who whos history hist pprint colors xmode page doctest_mode automagic autosave gui pdb debug watermark clear"),
    ("display", "blank", "ls ll lf lk ldir lx pwd cat more less man"),
    ("timing", "unwrap", "time prun"),
    ("timing", "keep", "timeit memit lprun mprun"),
    ("shell", "keep", "sx system"),
    ("include", "keep", "run"),
)
CELL_RULES: tuple[tuple[DirectiveKind, Treatment, str], ...] = (
    ("display", "blank", "html HTML javascript js latex markdown svg SVG"),
    ("timing", "unwrap", "time prun"),
    ("timing", "keep", "timeit memit"),
    ("capture", "unwrap", "capture"),
    ("shell", "keep", "bash sh script system sx ! cmd perl ruby python python2 python3 pypy"),
)
# Extensions that only bring display magics, a formatter of the cell text, or reloading.
DISPLAY_EXTENSIONS = frozenset({"autoreload", "watermark", "nb_black", "lab_black", "jupyter_black", "google.colab.data_table"})
# Single-letter options of `%prun` that take a value; `%time` has one long option.
OPTION = re.compile(r"-[DlsT]\s*\S+\s*|-[rq]+(?=\s|$)\s*|--no-raise-error(?=\s|$)\s*")


def _table(rows: tuple[tuple[DirectiveKind, Treatment, str], ...]) -> Mapping[str, Rule]:
    return MappingProxyType({name: (kind, treatment) for kind, treatment, names in rows for name in names.split()})


LINE_MAGICS = _table(LINE_RULES)
CELL_MAGICS = _table(CELL_RULES)


def judge(call: MagicCall) -> Judgement:
    """Classify a magic or shell call; what is not known is kept."""
    if call.form == "usage":
        return Judgement("display", "blank")
    if call.form == "shell":
        return _shell(call.argument)
    return _line(call) if call.form == "line" else _cell(call)


def _shell(command: str) -> Judgement:
    requirements = read_requirements(command)
    return Judgement("shell", "keep") if requirements is None else Judgement("dependency", "blank", requirements)


def _line(call: MagicCall) -> Judgement:
    if not call.name:  # `% matplotlib inline`, which IPython before 7 understood
        name, _, argument = call.argument.lstrip().partition(" ")
        return _line(MagicCall("line", name, argument)) if name else Judgement("other", "keep")
    if call.name in INSTALLERS:
        requirements = read_requirements(f"{call.name} {call.argument}")
        return Judgement("other", "keep") if requirements is None else Judgement("dependency", "blank", requirements)
    if call.name in ("load_ext", "reload_ext"):
        return Judgement("display", "blank") if call.argument.strip() in DISPLAY_EXTENSIONS else Judgement("other", "keep")
    kind, treatment = LINE_MAGICS.get(call.name, ("other", "keep"))
    return Judgement(kind, treatment, inner=_without_options(call.argument) if treatment == "unwrap" else "")


def _cell(call: MagicCall) -> Judgement:
    kind, treatment = CELL_MAGICS.get(call.name, ("other", "keep"))
    if call.name == "capture":  # with a name it binds that name, and only IPython can make the value
        named = any(not word.startswith("-") for word in call.argument.split())
        return Judgement("other", "keep") if named else Judgement(kind, treatment)
    inner = _without_options(call.argument) if treatment == "unwrap" else ""
    if call.name == "time" and inner and call.body.strip():  # IPython refuses this mixture
        return Judgement("other", "keep")
    return Judgement(kind, treatment, inner=inner)


def _without_options(argument: str) -> str:
    """The statement behind the options of a timing magic."""
    rest = argument.strip()
    while found := OPTION.match(rest):
        rest = rest[found.end() :]
    return rest
