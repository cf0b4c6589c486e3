"""Names in a project that change everywhere they stand: functions and classes, modules, parameters, results.

Names(functions={"split_and_scale": "train"})     def split_and_scale(...)                  ->   def train(...)
                                                  from churn.model import split_and_scale   ->   from churn.model import train

Code is changed by its syntax: where a function binds the same name for itself, it stays. In prose, names in backticks are meant.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nb2prod.merging.lines import split_lines
from nb2prod.merging.texts import text_of

Files = Mapping[str, bytes]
Edit = tuple[int, int, str, str]  # line, column in bytes, what stands there, what comes instead
MACHINERY = ("pipeline.py", "parameters.py", "__main__.py")  # of the package, what has to do with parameters and results as such
KINDS = ("functions", "modules", "parameters", "results")
CASES = "tests/recorded"
ABOUT = re.compile(r'^ "stage": "(?P<stage>[^"]+)"|^ "after": \[(?P<after>[^]]*)\]|"kind": "made", "by": "(?P<by>[^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Names:
    """What each is called now, by what it was called; `package` is the package they are in."""

    package: str
    functions: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(getattr(self, kind) for kind in KINDS)

    def path(self, path: str) -> str:
        """Where a file of the package is now."""
        folder, _, file = path.rpartition("/")
        stem, dot, ending = file.rpartition(".")
        if folder == CASES:
            return f"{folder}/{self.case(stem)}.{ending}"
        return f"{folder}/{self.modules[stem]}.py" if folder == f"src/{self.package}" and ending == "py" and stem in self.modules else path

    def case(self, name: str) -> str:
        """The recorded case of that name: a function's, or a further one, `clean_df-empty`."""
        function, dash, further = name.partition("-")
        return f"{self.functions.get(function, function)}{dash}{further}"


def rename(files: Files, names: Names) -> dict[str, bytes]:
    """The files with the names changed, also where they are the files' own."""
    if not names:
        return dict(files)
    return {names.path(path): _renamed(path, content, names) for path, content in files.items()}


def _renamed(path: str, content: bytes, names: Names) -> bytes:
    read = text_of(content)
    if read is None or path.startswith(("tests/data/", ".nb2prod/")):
        return content
    text = read.text
    if path.endswith(".py"):
        text = renamed_code(text, names, path.startswith("tests/"), path.rpartition("/")[2] in MACHINERY or not path.startswith("src/"))
    elif path.endswith(".ipynb"):
        text = _renamed_notebook(text, names)
    elif path.endswith(".toml"):
        text = _renamed_keys(text, names)
    elif path.startswith(f"{CASES}/"):
        text = ABOUT.sub(lambda found: _told_of_case(found, names), text)
    elif path == "tests/expected.json":
        text = _replaced(text, {f'"{old}":': f'"{new}":' for old, new in names.results.items()})
    text = renamed_prose(text, names)
    return content if text == read.text else read.bytes(text)


def renamed_prose(text: str, names: Names) -> str:
    """Names in backticks, options of the command line, and dotted names of modules."""
    package = re.escape(names.package)
    for kind in ("functions", "parameters", "results"):
        text = _replaced(text, {f"`{old}`": f"`{new}`" for old, new in getattr(names, kind).items()})
    options = {**names.parameters, **{old.replace("_", "-"): new.replace("_", "-") for old, new in names.parameters.items()}}
    text = _by_pattern(text, r"(?<![\w-])--({})(?=[\s=`'\",:\]]|$)", options, lambda new: f"--{new}")
    text = _by_pattern(text, r"(?<= -[pr] )({})(?=[ =])", names.parameters, str)
    text = _by_pattern(text, rf"\b{package}\.({{}})\b", names.modules, lambda new: f"{names.package}.{new}")
    return _by_pattern(text, rf"\bsrc/{package}/({{}})\.py\b", names.modules, lambda new: f"src/{names.package}/{new}.py")


def renamed_code(code: str, names: Names, texts: bool = False, fields: bool = True) -> str:
    """Python with the names changed; code that does not parse stays as it is.

    `fields` says that `parameters` and `results` mean the package's own in it, `texts` that its texts name their fields.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    lines = [line.encode("utf-8") for line in code.split("\n")]
    for line, column, old, new in sorted(set(_edits(tree, names, texts, fields)), reverse=True):
        there = lines[line - 1]
        at = there.find(old.encode(), column)
        if at >= 0:
            lines[line - 1] = there[:at] + new.encode() + there[at + len(old.encode()) :]
    return b"\n".join(lines).decode("utf-8")


def _edits(tree: ast.Module, names: Names, texts: bool, fields: bool) -> Iterator[Edit]:
    ours = _bound_here(tree, names.package)
    functions = {old: new for old, new in names.functions.items() if old in ours}
    cases = {old for old in names.functions if texts}
    for scope, node in _scoped(tree, set(functions)):
        if isinstance(node, ast.Name) and node.id in functions and node.id not in scope:
            yield node.lineno, node.col_offset, node.id, functions[node.id]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node in tree.body and node.name in functions:
            yield node.lineno, node.col_offset + len("def "), node.name, functions[node.name]
        elif isinstance(node, ast.ImportFrom):
            yield from _import_edits(node, names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.partition("-")[0] in cases:
            yield node.lineno, node.col_offset, node.value, names.case(node.value)
        if fields:
            yield from _field_edits(node, names, texts)


def _import_edits(node: ast.ImportFrom, names: Names) -> Iterator[Edit]:
    if node.level or (node.module or "").partition(".")[0] == names.package:
        table = names.modules if node.module in (names.package, None) else names.functions
        for alias in node.names:
            if alias.name in table:
                yield alias.lineno, alias.col_offset, alias.name, table[alias.name]


def _field_edits(node: ast.AST, names: Names, texts: bool) -> Iterator[Edit]:
    """Fields of `Parameters` and `Results`, where they are declared, given, read or named in a text of their own."""
    for owner, table in (("Parameters", names.parameters), ("Results", names.results)):
        if not table:
            continue
        if isinstance(node, ast.ClassDef) and node.name == owner:
            fields = [one.target for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
            yield from ((one.lineno, one.col_offset, one.id, table[one.id]) for one in fields if one.id in table)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner.lower() and node.attr in table:
            yield node.value.end_lineno or node.lineno, node.value.end_col_offset or 0, node.attr, table[node.attr]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in (owner, "run" if owner == "Parameters" else owner)
        ):
            given = [one for one in node.keywords if one.arg in table]
            yield from ((one.lineno, one.col_offset, one.arg or "", table[one.arg or ""]) for one in given)
        elif texts and isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in table:
            yield node.lineno, node.col_offset, node.value, table[node.value]


def _bound_here(tree: ast.Module, package: str) -> set[str]:
    """The names of the package that a module defines or imports without another name."""
    found = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").partition(".")[0] == package):
            found |= {alias.name for alias in node.names if alias.asname in (None, alias.name)}
    return found


def _scoped(tree: ast.Module, watched: set[str]) -> Iterator[tuple[frozenset[str], ast.AST]]:
    """Every node, with those of the watched names that a function around it binds for itself."""
    waiting: list[tuple[frozenset[str], ast.AST]] = [(frozenset(), tree)]
    while waiting:
        scope, node = waiting.pop()
        yield scope, node
        inner = scope
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            inner = scope | (_own_names(node) & watched)
        waiting += [(inner, child) for child in ast.iter_child_nodes(node)]


def _own_names(function: ast.AST) -> frozenset[str]:
    arguments = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    return frozenset(arguments | {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)})


def _renamed_notebook(text: str, names: Names) -> str:
    """The cells of a notebook; the cell tagged `parameters` assigns them by name."""
    try:
        notebook: dict[str, Any] = json.loads(text)
        sources = [(cell, source if isinstance(source := cell.get("source", ""), str) else "".join(source)) for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return text
    before = json.dumps(notebook)
    for cell, source in sources:
        changed = renamed_code(source, names) if cell.get("cell_type") == "code" else source
        if "parameters" in cell.get("metadata", {}).get("tags", []):
            changed = _renamed_keys(changed, names)
        if changed != source:
            cell["source"] = changed if isinstance(cell["source"], str) else split_lines(changed)
    return text if json.dumps(notebook) == before else json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _renamed_keys(text: str, names: Names) -> str:
    return _by_pattern(text, r"(?m)^(# )?({})(?= = | is secret)", names.parameters, str, 2)


def _told_of_case(found: re.Match[str], names: Names) -> str:
    """What a recorded case says of functions and of other cases."""
    kind = next(kind for kind, said in found.groupdict().items() if said is not None)
    said = found[kind]
    new = re.sub(r'[^", ]+', lambda case: names.case(case[0]), said)
    return found[0].replace(f'"{said}"', f'"{new}"') if kind != "after" else found[0].replace(f"[{said}]", f"[{new}]")


def _replaced(text: str, table: Mapping[str, str]) -> str:
    for old, new in table.items():
        text = text.replace(old, new)
    return text


def _by_pattern(text: str, pattern: str, table: Mapping[str, str], written: Callable[[str], str], group: int = 1) -> str:
    """Every spot of a pattern ({} stands for any of the names) with the new name."""
    if not table:
        return text
    names = "|".join(re.escape(name) for name in sorted(table, key=len, reverse=True))
    compiled = re.compile(pattern.replace("{}", names))
    return compiled.sub(lambda found: "".join(part or "" for part in found.groups()[: group - 1]) + written(table[found[group]]), text)
