"""What the documents say is true: paths, commands, options, exit codes, and the example of the README."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest
import rules_page
from readme_example import block, write_example

from nb2prod import cli
from nb2prod.cli import main
from nb2prod.commands import terminal

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
GROUP = {name: cli.group.resolve_command(click.Context(cli.group), [name])[1] for name in cli.COMMANDS}
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PLACEHOLDER = re.compile(r"\b[A-Z]{4,}\b")  # NAME, LIBRARY, PACKAGE: a path to be filled in


def sections() -> dict[str, str]:
    """The text about each command in docs/commands.md."""
    found = re.split(r"^## nb2prod (\w+).*$", COMMANDS, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def options(command: click.Command) -> set[str]:
    """The options of a command, without those every command has."""
    given = {name for option in command.params if isinstance(option, click.Option) for name in (*option.opts, *option.secondary_opts)}
    return given - {"-q", "--quiet", "-v", "--verbose"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_in_a_document_exists(document: Path) -> None:
    named = re.findall(r"`((?:nb2prod|tests|docs|sample_notebooks)/[\w./-]*)`", document.read_text(encoding="utf-8"))
    assert [path for path in named if not PLACEHOLDER.search(path) and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_in_a_document_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_map_names_every_package_and_module_of_the_top() -> None:
    packages = {f"nb2prod/{path.parent.name}/" for path in (ROOT / "nb2prod").glob("*/__init__.py")}
    modules = {f"nb2prod/{path.name}" for path in (ROOT / "nb2prod").glob("*.py") if not path.name.startswith("__")}
    listed = set(re.findall(r"`(nb2prod/[\w./]+)`", README))
    assert sorted((packages | modules) - listed) == []


def test_the_lists_to_add_to_are_where_the_readme_says() -> None:
    places = re.findall(r"`([A-Z]+)` in `(nb2prod/[\w./]+)`", README)
    assert len(places) == 4
    assert [name for name, path in places if not re.search(rf"^{name}\b", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)] == []


def test_every_command_is_described() -> None:
    assert set(sections()) == set(GROUP)


def test_the_list_of_commands_says_of_each_what_it_says_itself() -> None:
    assert cli.COMMANDS == {name: command.help.partition("\n\n")[0].replace("\n", " ") for name, command in GROUP.items()}


@pytest.mark.parametrize("name", sorted(GROUP))
def test_every_option_of_a_command_is_described_and_no_other(name: str) -> None:
    told = set(re.findall(r"`(-{1,2}[a-z-]+)", "\n".join(re.findall(r"^\| (`-.*?) \|", sections()[name], re.MULTILINE))))
    assert told == options(GROUP[name])


@pytest.mark.parametrize("name", sorted(GROUP))
def test_every_option_has_a_help_text(name: str) -> None:
    assert [option.name for option in GROUP[name].params if isinstance(option, click.Option) and not option.help] == []


def test_the_exit_codes_are_those_of_the_code() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", COMMANDS, re.MULTILINE)}
    codes = (terminal.DONE, terminal.FINDINGS, terminal.WRONG_USE, terminal.UNKNOWN, terminal.OUR_BUG, terminal.INTERRUPTED)
    assert told == set(codes)
    assert {int(code) for code in re.findall(r"\b(\d+) ", cli.EPILOG)} | {130, 70} == told


def test_every_command_in_the_readme_can_be_parsed() -> None:
    lines = re.findall(r"^nb2prod +(\w+) +(.*?)(?: +#.*)?$", block("## Use it"), re.MULTILINE)
    assert {name for name, _ in lines} <= set(GROUP)
    unknown = [word for name, rest in lines for word in re.findall(r"(?<!\S)(--?[a-z-]+)", rest) if word not in options(GROUP[name])]
    assert unknown == []


def test_the_make_targets_of_the_documents_exist() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert targets is not None
    named = {target for path in DOCUMENTS for target in re.findall(r"^make ([\w-]+)", path.read_text(encoding="utf-8"), re.MULTILINE)}
    assert {"demo", "test"} <= named <= set(targets.group(1).split())


def test_the_analysis_in_the_readme_is_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_example(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["analyze", "late_orders.ipynb"]) == 0
    assert capsys.readouterr().out.partition("\n\nResults")[0] == block("marks what stays")


def test_the_function_in_the_readme_is_what_the_command_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_example(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["convert", "late_orders.ipynb", "--no-run", "-q"]) == 0
    (told,) = ast.parse(block("writes `src/late_orders/output.py`")).body
    written = ast.parse((tmp_path / "late_orders/src/late_orders/output.py").read_text(encoding="utf-8")).body[-1]
    assert (ast.get_docstring(written) or "").splitlines()[:1] == (ast.get_docstring(told) or "").splitlines()
    assert ast.unparse(without_docstring(written)) == ast.unparse(without_docstring(told))


def without_docstring(node: ast.stmt) -> ast.stmt:
    assert isinstance(node, ast.FunctionDef)
    node.body = node.body[1:]
    return node


@pytest.mark.slow
def test_the_verdict_in_the_readme_is_what_the_command_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_example(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["convert", "late_orders.ipynb"]) == 0
    assert "SAME: 1 result equal" in README
    assert "SAME: 1 result equal" in capsys.readouterr().out


def test_every_diagnostic_code_is_explained() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "nb2prod").rglob("*.py")]
    used = {code for text in sources for code in re.findall(r'"(NB\d{3})"', text)}
    page = (ROOT / "docs" / "diagnostics.md").read_text(encoding="utf-8")
    ranges = {f"NB{number}" for low, high in re.findall(r"NB(\d{3})-NB(\d{3})", page) for number in range(int(low), int(high) + 1)}
    assert used == set(re.findall(r"NB\d{3}", page)) | ranges


def test_the_page_about_diagnostics_is_made_from_the_rules() -> None:
    assert rules_page.PAGE.read_text(encoding="utf-8") == rules_page.page(), "write it anew: python tests/rules_page.py"
