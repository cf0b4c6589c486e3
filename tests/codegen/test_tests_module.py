from __future__ import annotations

import dataclasses
import json

from codegen.scaffold_example import CSV, PLAN, RECORDING, parameter

from nb2prod.codegen.recorded import SNAPSHOTS
from nb2prod.codegen.tests_module import data_files, missing_inputs, needed_inputs, render_tests
from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import StatementId
from nb2prod.model.project import File
from nb2prod.model.recording import Recording, Shown

INPUTS = {"data/sales.csv": CSV}
TOTAL = Result("total", "variable", "printed", StatementId(3, 0))


def content(files: tuple[File, ...], path: str) -> str:
    return str(next(file.content for file in files if file.path == path))


def expected(recording: Recording | None, results: tuple[Result, ...] = PLAN.results, unstable: frozenset[str] = frozenset()) -> object:
    files = render_tests(dataclasses.replace(PLAN, results=results), recording, INPUTS, unstable)
    return json.loads(content(files, "tests/expected.json"))


def test_the_tests_of_a_project_are_these() -> None:
    assert [file.path for file in render_tests(PLAN, RECORDING, INPUTS)] == [
        "tests/conftest.py",
        "tests/test_command_line.py",
        "tests/test_import.py",
        "tests/test_notebook.py",
        "tests/test_parameters.py",
        "tests/test_pipeline.py",
        *(f"tests/snapshots/{name}.py" for name in SNAPSHOTS),
        "tests/expected.json",
        "tests/data/data/sales.csv",
    ]


def test_what_the_notebook_gave_is_expected() -> None:
    total, note = {"kind": "number", "value": 8.0}, {"kind": "text", "value": "2 rows"}
    assert expected(RECORDING) == {"results": {"total": total, "note": note}, "files": ["out/total.txt"]}


def test_of_an_unstable_result_only_its_kind_is_expected() -> None:
    note = {"kind": "text", "value": "2 rows"}
    assert expected(RECORDING, unstable=frozenset({"total"})) == {
        "results": {"total": {"kind": "number"}, "note": note},
        "files": ["out/total.txt"],
    }


def test_a_result_that_changed_after_it_was_shown_is_expected_as_shown() -> None:
    shown = Shown(StatementId(3, 0), 0, "print", {"kind": "int", "value": 1})
    recording = Recording(ok=True, variables={"total": {"kind": "int", "value": 2}}, shown=(shown,))
    assert expected(recording, (TOTAL,)) == {"results": {"total": {"kind": "number", "value": 2}}, "files": []}
    copied = dataclasses.replace(TOTAL, copied=True)
    assert expected(recording, (copied,)) == {"results": {"total": {"kind": "number", "value": 1}}, "files": []}


def test_without_a_good_recording_nothing_is_expected() -> None:
    nothing = {"results": {}, "files": []}
    assert expected(None) == nothing
    assert expected(dataclasses.replace(RECORDING, ok=False, files=())) == nothing


def test_folders_the_notebook_wrote_into_are_made_for_the_test() -> None:
    assert 'FOLDERS = ("out",)' in content(render_tests(PLAN, RECORDING, INPUTS), "tests/conftest.py")


def test_only_small_inputs_inside_the_folder_travel_along() -> None:
    inputs = {
        "a.csv": b"x",
        "big.csv": b"x" * 1_000_001,
        "../out.csv": b"x",
        "/abs.csv": b"x",
        "b.csv": b"x" * 900_000,
        "c.csv": b"x" * 900_000,
        "d.csv": b"x" * 900_000,
    }
    plan = dataclasses.replace(PLAN, inputs=tuple(inputs))
    assert [file.path for file in data_files(plan, inputs)] == ["tests/data/a.csv", "tests/data/b.csv", "tests/data/c.csv"]
    assert missing_inputs(plan, None, inputs) == ("big.csv", "../out.csv", "/abs.csv", "d.csv")


def test_a_file_the_run_writes_before_it_reads_it_is_no_input() -> None:
    plan = dataclasses.replace(PLAN, inputs=("data/sales.csv", "out/total.txt"))
    assert needed_inputs(plan, RECORDING) == ("data/sales.csv",)
    assert missing_inputs(plan, RECORDING, INPUTS) == ()
    assert 'INPUTS: tuple[str, ...] = ("data/sales.csv",)' in content(render_tests(plan, RECORDING, INPUTS), "tests/conftest.py")


def test_a_module_beside_the_notebook_is_no_test_data() -> None:
    plan = dataclasses.replace(PLAN, local_modules=("tools", "kit"))
    assert data_files(plan, {"tools.py": b"", "kit/a.py": b"", "tools.csv": b""}) == (File("tests/data/tools.csv", b""),)


def test_secrets_do_not_get_into_the_tests() -> None:
    plan = dataclasses.replace(PLAN, parameters=(*PLAN.parameters, parameter("api_key", "str", "s3cret", secret=True)))
    assert [file.path for file in render_tests(plan, RECORDING, INPUTS) if "s3cret" in str(file.content)] == []
