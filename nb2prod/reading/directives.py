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
from nb2prod.reading.translations import NOTHING_AROUND, Around, Refusal, cell_of, statement_of

Treatment = Literal["blank", "unwrap", "translate", "keep"]
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
    """What a call is, and whether it leaves nothing (`blank`), the code in it (`unwrap`, which is `inner` and then the body), the Python that
    says the same (`translate`, which is `inner`) or itself; `why` it stays, where that is known."""

    kind: DirectiveKind
    treatment: Treatment
    requirements: tuple[str, ...] = ()
    inner: str = ""
    why: str = ""


# Magics that change only what a person sees, and bind no name.
LINE_RULES: tuple[tuple[DirectiveKind, Treatment, str], ...] = (
    ("display", "blank", "matplotlib config autoreload precision pinfo pinfo2 psearch pdoc pdef psource pfile lsmagic quickref magic"),
    ("display", "blank", "who whos who_ls history hist pprint colors xmode page doctest_mode automagic autosave gui pdb debug watermark"),
    (
        "display",
        "blank",
        "ls ll lf lk ldir lx pwd cat more less man clear cls pycat tb load loadpy tensorboard dhist bookmark connect_info",
    ),
    ("display", "blank", "qtconsole unload_ext killbgscripts subplots_adjust"),
    ("timing", "unwrap", "time prun lprun mprun memit"),
    ("timing", "keep", "timeit"),
    ("include", "keep", "run"),
    ("other", "keep", "reset reset_selective"),
)
CELL_RULES: tuple[tuple[DirectiveKind, Treatment, str], ...] = (
    ("display", "blank", "html HTML javascript js latex markdown svg SVG"),
    ("timing", "unwrap", "time prun memit"),
    ("timing", "keep", "timeit"),
    ("capture", "unwrap", "capture"),
)
SCRIPTS = frozenset("bash sh script perl ruby python python2 python3 pypy cmd sx system !".split())
# Why a magic cannot be Python, where that can be said better than "only works in a notebook".
ENGINES = "its code runs on other engines"
LANGUAGE = "its code is no Python"
REASONS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("px", "pxresult", "autopx"), ENGINES),
        **dict.fromkeys(("R", "Rpush", "Rpull", "julia", "octave", "matlab", "spark", "scala", "cython", "cuda", "cu", "perl6"), LANGUAGE),
        **dict.fromkeys(("sql", "bigquery", "bq", "sqlcmd"), "its query goes through a connection that only the extension knows"),
        "store": "it keeps values from one session for another",
        "alias": "it makes a magic of its own",
        "macro": "it makes a macro of earlier input",
        "save": "it writes out earlier input",
        "rerun": "it runs earlier input again",
        "recall": "it takes up earlier input",
        "edit": "it opens an editor",
        **dict.fromkeys(("reset", "reset_selective"), "what comes after it uses a name that it clears"),
        "load_ext": "an extension may change anything",
        "reload_ext": "an extension may change anything",
    }
)
# Extensions that only bring magics (which are judged where they are used), a formatter of the cell text, or reloading.
DISPLAY_EXTENSIONS = frozenset(
    """autoreload watermark nb_black lab_black jupyter_black google.colab.data_table tensorboard memory_profiler line_profiler snakeviz pyinstrument
    sql rpy2.ipython Cython cython google.cloud.bigquery bigquery_magics dotenv nb_mypy pycodestyle_magic jupyternotify vega heat
    ipyparallel scalene filprofiler wandb blackcellmagic ipytest julia.magic octavemagic oct2py.ipython jupyter_ai_magics jupyter_ai""".split()
)
# Single-letter options of `%prun` that take a value; `%time` has one long option.
OPTION = re.compile(r"-[DlsTfmui]\s*\S+\s*|-[rqc]+(?=\s|$)\s*|--no-raise-error(?=\s|$)\s*")


def _table(rows: tuple[tuple[DirectiveKind, Treatment, str], ...]) -> Mapping[str, Rule]:
    return MappingProxyType({name: (kind, treatment) for kind, treatment, names in rows for name in names.split()})


LINE_MAGICS = _table(LINE_RULES)
CELL_MAGICS = _table(CELL_RULES)


def judge(call: MagicCall, around: Around = NOTHING_AROUND) -> Judgement:
    """Classify a magic or shell call; what is not known is kept."""
    if call.form == "usage":
        return Judgement("display", "blank")
    if call.form == "shell":
        return _shell(call.argument)
    try:
        return _line(call, around) if call.form == "line" else _cell(call, around)
    except Refusal as refusal:
        return Judgement("other", "keep", why=str(refusal))


def _shell(command: str) -> Judgement:
    requirements = read_requirements(command)
    return Judgement("shell", "keep") if requirements is None else Judgement("dependency", "blank", requirements)


def _line(call: MagicCall, around: Around) -> Judgement:
    if not call.name:  # `% matplotlib inline`, which IPython before 7 understood
        name, _, argument = call.argument.lstrip().partition(" ")
        return _line(MagicCall("line", name, argument), around) if name else Judgement("other", "keep")
    if call.name in INSTALLERS:
        requirements = read_requirements(f"{call.name} {call.argument}")
        return Judgement("other", "keep") if requirements is None else Judgement("dependency", "blank", requirements)
    if call.name in ("load_ext", "reload_ext") and call.argument.strip() in DISPLAY_EXTENSIONS:
        return Judgement("display", "blank")
    python = statement_of(call.name, call.argument, around)
    if python is not None:
        return Judgement("shell" if "get_ipython" in python else "other", "translate", inner=python)
    kind, treatment = LINE_MAGICS.get(call.name, ("other", "keep"))
    inner = _without_options(call.argument) if treatment == "unwrap" else ""
    return Judgement(kind, treatment, inner=inner, why=REASONS.get(call.name, ""))


def _cell(call: MagicCall, around: Around) -> Judgement:
    python = cell_of(call.name, call.argument, call.body, around)
    if python is not None:
        kind: DirectiveKind = "other" if call.name not in SCRIPTS else "shell" if python.strip() else "display"
        return Judgement(kind, "translate", inner=python)
    kind, treatment = CELL_MAGICS.get(call.name, ("other", "keep"))
    inner = _without_options(call.argument) if treatment == "unwrap" and call.name != "capture" else ""
    if call.name == "time" and inner and call.body.strip():  # IPython refuses this mixture
        return Judgement("other", "keep")
    return Judgement(kind, treatment, inner=inner, why=REASONS.get(call.name, ""))


def _without_options(argument: str) -> str:
    """The statement behind the options of a timing magic."""
    rest = argument.strip()
    while found := OPTION.match(rest):
        rest = rest[found.end() :]
    return rest
