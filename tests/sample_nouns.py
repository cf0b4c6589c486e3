"""One small notebook as every noun, for tests of what shows, sends and saves nouns.

DATA = "in.csv"                 live: a parameter
df = load(DATA); df.head()      live; dead: only shows the first rows
total = df["x"].sum()           live: the result
"""

from __future__ import annotations

from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis, DataflowGraph, Decision, Edge, Effects, LiteralUse, Location, Reference, Result, Slice
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.job import Feature, Job, Schedule, Target, Task, Validator
from nb2prod.model.notebook import Cell, Directive, Included, Notebook, Output, Place, Span, Statement, StatementId, Wish
from nb2prod.model.plan import Definition, Drop, Import, Parameter, Plan, Rename, Stage, Variable
from nb2prod.model.project import File, Project
from nb2prod.model.recording import Environment, Failure, FilePicture, FileUse, Observation, Pin, Recording, Shown
from nb2prod.model.restoration import Departure, Restoration
from nb2prod.model.survey import Survey, needs_of
from nb2prod.model.verdict import Comparison, Trial, Verdict, View

IMPORT, DATA, LOAD, HEAD, TOTAL = StatementId(1, 0), StatementId(1, 1), StatementId(2, 0), StatementId(2, 1), StatementId(3, 0)
DF, X = Location("name", "df"), Location("object", "2.0:1")

NOTEBOOK = Notebook(
    path="sales.ipynb",
    sha256="ab" * 32,
    kernel="python3",
    language_version="3.11.7",
    cells=(
        Cell(0, "title", "markdown", "# Sales\n\nWhat was *sold* <today>."),
        Cell(
            1,
            "setup",
            "code",
            "import pandas as pd\nDATA = 'in.csv'",
            "import pandas as pd\nDATA = 'in.csv'",
            execution_count=1,
            statements=(
                Statement(IMPORT, Span(1, 0, 1, 19), "import pandas as pd"),
                Statement(DATA, Span(2, 0, 2, 15), "DATA = 'in.csv'"),
            ),
        ),
        Cell(
            2,
            "load",
            "code",
            "%%time\ndf = pd.read_csv(DATA); df.head()",
            "\ndf = pd.read_csv(DATA); df.head()",
            tags=("keep",),
            execution_count=4,
            outputs=(Output("result", "   x\n0  1", ("text/plain", "text/html")),),
            statements=(Statement(LOAD, Span(2, 0, 2, 22), "df = pd.read_csv(DATA)"), Statement(HEAD, Span(2, 24, 2, 33), "df.head()")),
            directives=(Directive("timing", 1, "%%time"),),
            included=(Included(4, 2, "more.py"),),
            wishes=(Wish("read_csv.sep", (("name", "separator"), ("parameter", "true"))),),
        ),
        Cell(
            3,
            "sum",
            "code",
            "total = df['x'].sum()",
            "total = df['x'].sum()",
            outputs=(Output("error", "KeyError: 'x'", error_name="KeyError", error_line=1),),
            statements=(Statement(TOTAL, Span(1, 0, 1, 21), "total = df['x'].sum()"),),
        ),
    ),
)

DIAGNOSTICS = (
    Diagnostic("NB201", Severity.warning, "`os.chdir` moves the working directory", "use a path parameter", cell=2, line=1),
    Diagnostic("NB202", Severity.note, "the saved counts are out of order"),
)

GRAPH = DataflowGraph(
    effects=(
        Effects(IMPORT, defines=frozenset({Location("name", "pd")})),
        Effects(DATA, defines=frozenset({Location("name", "DATA")})),
        Effects(
            LOAD,
            defines=frozenset({DF, X}),
            uses=frozenset({Location("name", "DATA"), Location("name", "pd"), Location("file", "in.csv")}),
        ),
        Effects(HEAD, uses=frozenset({DF, X})),
        Effects(TOTAL, defines=frozenset({Location("name", "total")}), uses=frozenset({DF, X}), opaque="calls exec"),
    ),
    edges=(
        Edge(LOAD, IMPORT, Location("name", "pd")),
        Edge(LOAD, DATA, Location("name", "DATA")),
        Edge(HEAD, LOAD, DF),
        Edge(TOTAL, LOAD, DF),
        Edge(TOTAL, LOAD, X),
    ),
)

RESULT = Result("total", "variable", "the last value computed", statement=TOTAL, place=Place(3, Span(1, 0, 1, 5)))

ANALYSIS = Analysis(
    order=(IMPORT, DATA, LOAD, HEAD, TOTAL),
    graph=GRAPH,
    references=(Reference("df", HEAD, Place(2, Span(2, 24, 2, 26)), "load", call=Span(2, 24, 2, 33)),),
    literals=(
        LiteralUse("in.csv", DATA, Place(1, Span(2, 7, 2, 15)), target="DATA"),
        LiteralUse((1, b"\x00\x01", float("inf"), {2: {3}}), LOAD, Place(2, Span(2, 5, 2, 6)), callee="pandas.read_csv", argument="0"),
    ),
    results=(RESULT,),
    decisions=(
        Decision(IMPORT, True, "defines `pd`, which cell 2 needs", "import"),
        Decision(DATA, True, "defines `DATA`, which cell 2 needs", "parameter", "proved"),
        Decision(LOAD, True, "defines `df`, which cell 3 needs"),
        Decision(HEAD, False, "only shows the first rows", certainty="observed"),
        Decision(TOTAL, True, "computes the result `total`"),
    ),
    diagnostics=DIAGNOSTICS,
    types={(LOAD, "df"): "pandas.DataFrame", (TOTAL, "total"): "float"},
    character="job",
)

PARAMETER = Parameter(
    "data", "path", "in.csv", 1, 2, "constant", help="Where the sales are", variable="DATA", places=(Place(2, Span(2, 17, 2, 21)),)
)

STAGES = (
    Stage("load_sales", "data", (LOAD,), (Variable("data", "str"),), (Variable("df", "pandas.DataFrame"),), title="Load", doc="Loads it."),
    Stage(
        "sum_sales",
        "report",
        (TOTAL,),
        (Variable("df", "pandas.DataFrame"),),
        (Variable("total", "float"),),
        results=(RESULT,),
        closes=(TOTAL,),
        updates=("df",),
    ),
)

PLAN = Plan(
    package="sales",
    title="Sales",
    purpose="What was sold.",
    parameters=(PARAMETER,),
    imports=(Import("pd", "pandas"), Import("p", "math", "pi")),
    definitions=(Definition("clean", LOAD, "data", globals=("data",), calls=(Place(2, Span(2, 5, 2, 10)),)),),
    stages=STAGES,
    results=(RESULT,),
    drops=(Drop(HEAD, "only shows the first rows"),),
    requirements={"pandas": "3.1.1"},
    inputs=("in.csv",),
    local_modules=("helpers.py",),
    renames=(Rename(Place(1, Span(2, 7, 2, 15)), "data", DATA),),
    python="3.11.7",
)

VIEWS = (View("text", text="0.84"), View("text", text="0.85"))
VERDICT = Verdict(
    "different",
    "1 of 2 results differs",
    comparisons=(
        Comparison("total", "different", "float, relative tolerance 1e-9", "0.84", "0.85", "0.84 is not 0.85", VIEWS),
        Comparison("rows", "same", "int", "12", "12"),
    ),
    restored=("cell 2 line 2",),
    trials=(Trial("size", 0.27, "same"),),
)

RECORDING = Recording(
    ok=True,
    variables={"total": {"kind": "float", "value": 0.84}},
    types={(LOAD, "df"): "pandas.DataFrame"},
    shown=(Shown(HEAD, 0, "display", {"kind": "frame"}),),
    stdout={TOTAL: "0.84\n"},
    files=(FilePicture("out.csv", 12, "cd" * 32, {"kind": "text"}),),
    reads=("in.csv",),
    failures=(Failure(TOTAL, "KeyError", "'x'"),),
    environment=Environment("3.11.7", {"pandas": ("pandas", "3.1.1")}, {"pandas": Pin("3.1.1", ("numpy",))}),
    observations=(
        Observation(
            LOAD,
            bound=("df",),
            contents={"df": "9a0c"},
            shapes={"df": (3, 2)},
            shared=(("df", "rows"),),
            ambient=("rng:numpy",),
            files=(FileUse("in.csv", "read"),),
            seconds=0.25,
            memory=1 << 20,
        ),
    ),
    sampled=("in.csv",),
    seconds=1.5,
)

MANIFEST = {
    "schema": 1,
    "package": "sales",
    "source_root": "src",
    "notebook": {"path": "sales.ipynb", "sha256": "ab" * 32},
    "cells": [],
    "parameters": [
        {"name": "data", "type": "path", "default": "in.csv", "cell": 1, "line": 2, "origin": "constant"},
        {"name": "limit", "type": "int", "default": 3, "cell": 1, "line": 3, "origin": "constant"},
        {"name": "columns", "type": "list", "default": ["x"], "cell": 1, "line": 4, "origin": "constant"},
    ],
    "stages": [],
    "results": [{"name": "total", "kind": "variable", "why": "the last value computed"}],
    "verdict": "same",
    "comparisons": [],
    "restored": [],
}

PROJECT = Project("sales", (File("README.md", "# Sales\n"), File("data/in.bin", b"\x00\xff")), MANIFEST)

JOB = Job(
    "sales",
    ("python", "-m", "sales"),
    (Schedule("0 6 * * 1-5", "Europe/Berlin"),),
    (Task("load", ("read", "clean")), Task("fit", ("fit",), ("load",), ("load",))),
    retries=2,
    timeout_minutes=30,
    owner="marta",
    environment={"REGION": "010"},
    parameters={"limit": 3},
)

TARGET = Target(
    "cron",
    "a line for crontab",
    frozenset({Feature.schedule, Feature.timeout}),
    lambda job: (File("crontab", job.name),),
    validators=(Validator(("crontab", "-n"), (".crontab",)),),
)

CHOICES = Choices(keep=("total",), targets=("cron", "systemd"), schedule=Schedule("0 6 * * *"), run=False)

SLICE = Slice(("total",), (IMPORT, DATA, LOAD, TOTAL), (Edge(TOTAL, LOAD, DF),))

DEPARTURE = Departure(TOTAL, "value", ("total",), frozenset({"df"}))
RESTORATION = Restoration(frozenset({HEAD}), told=("cell 2 line 2 `df.head()` changed `df`: nothing said so",))

SURVEY = Survey("stats.ipynb", "refused", "stats.ipynb: the notebook is written in R", "convert Python notebooks", 0.1)

EVERY_NOUN = (
    NOTEBOOK,
    ANALYSIS,
    PLAN,
    VERDICT,
    RECORDING,
    PROJECT,
    JOB,
    TARGET,
    CHOICES,
    SLICE,
    DEPARTURE,
    RESTORATION,
    SURVEY,
    needs_of(SURVEY),
)
