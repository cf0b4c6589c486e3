from __future__ import annotations

import copy
import json

import jsonschema
import pytest

from nb2prod.codegen.manifest import build_manifest, load_schema, tool_version
from nb2prod.model.dataflow import Analysis, DataflowGraph, Decision, Result, Role
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Cell, Directive, Notebook, Span, Statement, StatementId
from nb2prod.model.plan import Parameter, Plan, Stage, Variable
from nb2prod.model.verdict import Comparison, Trial, Verdict

APART: dict[str, object] = {"after": [], "types": {}, "updates": [], "shares": {}}


def cell(
    index: int, *statements: tuple[Role, bool], tags: tuple[str, ...] = (), directives: tuple[Directive, ...] = ()
) -> tuple[Cell, list[Decision]]:
    ids = [StatementId(index, rank) for rank in range(len(statements))]
    made = tuple(Statement(id, Span(id.index + 1, 0, id.index + 1, 5), "x = 1") for id in ids)
    decisions = [Decision(id, live, "because", role) for id, (role, live) in zip(ids, statements, strict=True)]
    return Cell(index, f"c{index}", "code", "", tags=tags, statements=made, directives=directives), decisions


def manifest(*cells: tuple[Cell, list[Decision]], verdict: Verdict | None = None) -> dict[str, object]:
    markdown = Cell(len(cells), "m", "markdown", "# Title")
    notebook = Notebook("nb.ipynb", "0" * 64, (*(cell for cell, _ in cells), markdown), kernel="python3")
    decisions = tuple(decision for _, made in cells for decision in made)
    diagnostics = (Diagnostic("NB201", Severity.warning, "moves", cell=0, line=1),)
    results = (Result("total", "variable", "printed"), Result("out", "file", "written", path="out.csv"))
    analysis = Analysis(tuple(d.statement for d in decisions), DataflowGraph((), ()), (), (), results, decisions, diagnostics)
    parameters = (
        Parameter("size", "float", 0.2, 0, 1, "constant"),
        Parameter("limits", "list", (1, float("nan")), 0, 2, "literal"),
        Parameter("key", "str", "s3cret", 0, 3, "tag", secret=True),
    )
    stages = (Stage("load", "data", (StatementId(0, 0),), (Variable("size"),), (Variable("total"),)),)
    plan = Plan("sales", "Sales", "", parameters, (), (), stages, results, (), {"pandas": "2.2.3", "abc": ""}, ("a.csv",), python="3.11.4")
    return build_manifest(notebook, analysis, plan, verdict)


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([("code", True), ("code", True)], "live"),
        ([("code", True), ("code", False)], "partial"),
        ([("import", False), ("code", True)], "partial"),
        ([("import", True), ("code", True)], "live"),
        ([("code", False)], "dead"),
        ([], "dead"),
        ([("parameter", True), ("parameter", True)], "parameters"),
        ([("import", True), ("import", False)], "imports"),
        ([("import", False)], "dead"),
        ([("definition", True), ("import", True)], "definitions"),
        ([("directive", False)], "directive"),
        ([("directive", True)], "live"),
    ],
)
def test_a_cells_verdict_follows_its_statements(statements: list[tuple[Role, bool]], verdict: str) -> None:
    assert manifest(cell(0, *statements))["cells"][0]["verdict"] == verdict  # type: ignore[index]


def test_a_cell_with_nothing_but_directives_is_a_directive() -> None:
    assert manifest(cell(0, directives=(Directive("display", 1, "%matplotlib inline"),)))["cells"][0]["verdict"] == "directive"  # type: ignore[index]


def test_a_cell_tagged_parameters_is_parameters_whatever_it_holds() -> None:
    assert manifest(cell(0, ("code", True), tags=("parameters",)))["cells"][0]["verdict"] == "parameters"  # type: ignore[index]


def test_the_manifest_tells_everything() -> None:
    verdict = Verdict("same", "", (Comparison("total", "same", "float", "1", "1"),), ("0.1",), (Trial("size", 0.27, "same"),))
    assert manifest(cell(0, ("parameter", True)), cell(1, ("code", True)), verdict=verdict) == {
        "schema": 1,
        "tool": {"name": "nb2prod", "version": tool_version()},
        "package": "sales",
        "source_root": "src",
        "title": "Sales",
        "notebook": {"path": "nb.ipynb", "sha256": "0" * 64, "kernel": "python3"},
        "python": "3.11.4",
        "requirements": {"abc": "", "pandas": "2.2.3"},
        "inputs": ["a.csv"],
        "character": "report",
        "cells": [
            {
                "index": 0,
                "id": "c0",
                "verdict": "parameters",
                "statements": [{"start": 1, "end": 1, "live": True, "reason": "because", "certainty": "static"}],
            },
            {
                "index": 1,
                "id": "c1",
                "verdict": "live",
                "statements": [{"start": 1, "end": 1, "live": True, "reason": "because", "certainty": "static"}],
            },
        ],
        "parameters": [
            {
                "name": "size",
                "type": "float",
                "default": 0.2,
                "cell": 0,
                "line": 1,
                "origin": "constant",
                "help": "",
                "secret": False,
                "access": "",
                "trial": {"value": 0.27, "outcome": "same", "told": ""},
            },
            {
                "name": "limits",
                "type": "list",
                "default": [1, "nan"],
                "cell": 0,
                "line": 2,
                "origin": "literal",
                "help": "",
                "secret": False,
                "access": "",
                "trial": None,
            },
            {
                "name": "key",
                "type": "str",
                "default": None,
                "cell": 0,
                "line": 3,
                "origin": "tag",
                "help": "",
                "secret": True,
                "access": "",
                "trial": None,
            },
        ],
        "stages": [{"name": "load", "module": "data", "inputs": ["size"], "outputs": ["total"], "cells": [0], "title": "", **APART}],
        "results": [
            {"name": "total", "kind": "variable", "why": "printed"},
            {"name": "out", "kind": "file", "why": "written", "path": "out.csv"},
        ],
        "verdict": "same",
        "verdict_reason": "",
        "comparisons": [{"name": "total", "outcome": "same", "how": "float", "notebook": "1", "package": "1", "difference": ""}],
        "restored": ["0.1"],
        "diagnostics": [{"code": "NB201", "severity": "warning", "message": "moves", "hint": "", "cell": 0, "line": 1}],
    }


def test_without_a_verdict_the_manifest_says_unknown() -> None:
    told = manifest(cell(0, ("code", True)))
    assert (told["verdict"], told["verdict_reason"]) == ("unknown", "not verified yet")


def test_the_manifest_fits_its_schema() -> None:
    told = manifest(cell(0, ("code", True)), verdict=Verdict("same", comparisons=(Comparison("total", "nondeterministic", "kind"),)))
    jsonschema.Draft202012Validator.check_schema(load_schema())
    jsonschema.validate(json.loads(json.dumps(told, allow_nan=False)), load_schema())


@pytest.mark.parametrize(("key", "value"), [("verdict", "probably"), ("schema", 2), ("cells", [{"index": -1}]), ("package", "no package")])
def test_the_schema_refuses_what_is_wrong(key: str, value: object) -> None:
    told = copy.deepcopy(manifest(cell(0, ("code", True))))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**told, key: value}, load_schema())
