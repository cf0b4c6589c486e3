"""`%run other.py` -> the statements of the other file in its place, where that does what IPython does.

    %run prices.py                       RATE = 3                                   (three lines of code stand on one line of the cell:
    total = price(2)           ->        def price(n): return n * RATE               Included(line=1, lines=2, file="prices.py"))
                                         total = price(2)

IPython runs a script in a namespace of its own and copies its names over; a notebook, and a script with `-i`, it runs in the notebook's own.
Where the difference could be seen (a name its functions read is bound anew later, it looks at its own path, it ends early, ...) the `%run`
stays, with the reason.
"""

from __future__ import annotations

import ast
import builtins
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nb2prod.errors import ReadError
from nb2prod.model.notebook import Cell, Directive, Included
from nb2prod.model.syntax import nodes_of, parsed
from nb2prod.reading.around import bindings
from nb2prod.reading.beside import imported_modules, modules_in
from nb2prod.reading.magics import read_magics
from nb2prod.reading.statements import UNPARSABLE, character_column, split_statements
from nb2prod.reading.translations import Around, Refusal

Cells = Callable[[Path, bytes | None], Sequence[Cell]]  # reads the cells of a notebook or script, from its content where that is given
RUN = re.compile(r"get_ipython\(\)\.run_line_magic\('run',")
FLAGS_IGNORED = frozenset("Gte")
OWN_SCOPE = ("globals", "locals", "vars", "exec", "eval", "__file__")
ENDINGS = ("exit", "quit", "SystemExit")
TAKES_ARGUMENTS = ("argv", "parse_args", "parse_known_args", "click", "fire", "typer", "getopt", "absl")
EVERYWHERE = frozenset({*dir(builtins), "__name__", "__doc__", "get_ipython", "display"})
ALWAYS_ON = frozenset("print_function division absolute_import unicode_literals with_statement generators nested_scopes".split())


@dataclass(frozen=True)
class Request:
    """What a `%run` line asks for: a file, its arguments, and whether it runs in the notebook's own namespace."""

    path: Path
    arguments: tuple[str, ...]
    shared: bool
    bare: bool  # -n: `__name__` is not "__main__"


@dataclass(frozen=True)
class Text:
    """The code of a file, ready to stand in a cell, and the directives that were in it."""

    code: str
    directives: tuple[Directive, ...] = ()


class Includer:
    """Puts files into the cells of one notebook; `trees` are those of the notebook's own cells, by their index."""

    def __init__(self, folder: Path, cells: Cells, trees: Mapping[int, ast.Module], around: Around) -> None:
        self.folder, self.cells, self.around = folder, cells, around
        self.trees, self.by_cell = tuple(trees.values()), trees
        self.written: Mapping[Path, bytes] = {}
        self.moved = any(isinstance(node, ast.Attribute) and node.attr == "chdir" for tree in self.trees for node in nodes_of(tree))

    def included(self, cell: Cell) -> Cell:
        """The cell with every `%run` replaced that can be; of the others its directives say why they stay."""
        if cell.syntax_error or not RUN.search(cell.code):
            return cell
        self.written = written_above(self.by_cell, cell.index, self.folder)
        lines, directives = cell.code.split("\n"), list(cell.directives)
        parts: list[Included] = []
        body = parsed(cell.code).body
        for node, argument in reversed([(node, run_argument(node)) for node in body]):
            if argument is None:
                continue
            number = node.lineno
            try:
                request = self.request(argument)
                text = self.text(request, (), node is body[-1])
            except Refusal as refusal:
                directives = [replace(one, why=str(refusal)) if one.kind == "include" and one.line == number else one for one in directives]
                continue
            last = node.end_lineno or number
            new = text.code.split("\n")
            lines[number - 1 : last] = [*new, *[""] * (last - number)]
            parts = [Included(number, len(new), request.path.name), *(replace(part, line=part.line + len(new) - 1) for part in parts)]
            directives += [replace(one, line=number) for one in text.directives]
        code = "\n".join(lines)
        statements, error = split_statements(code, cell.index)
        kept = tuple(sorted(directives, key=lambda one: one.line))
        return replace(cell, code=code, statements=statements, syntax_error=error, directives=kept, included=tuple(parts))

    def request(self, argument: str) -> Request:
        """Understand the words behind `%run`."""
        if re.search(r"\{[^}]*\}|\$\w", argument):
            raise Refusal("which file it runs is only known when it runs")
        try:
            words = shlex.split(argument)
        except ValueError as error:
            raise Refusal("its line has an open quote") from error
        flags = []
        while words and words[0].startswith("-") and words[0] != "-":
            flags.append(words.pop(0)[1:])
        odd = next((flag for flag in flags if set(flag) - FLAGS_IGNORED - {"i", "n"}), "")
        if odd:
            raise Refusal(f"`-{odd}` runs it in a way that cannot be followed")
        if not words:
            raise Refusal("it names no file")
        given = "".join(flags)
        return Request(self.found(words[0]), tuple(words[1:]), "i" in given, "n" in given)

    def found(self, name: str) -> Path:
        """The file that IPython would find by this name."""
        if self.moved:
            raise Refusal("the notebook changes its folder, so that it is not sure which file it runs")
        path = self.folder / os.path.expanduser(name)
        for candidate in (path, *(path.with_name(path.name + suffix) for suffix in (".py", ".ipynb") if path.name)):
            if candidate.suffix not in (".py", ".ipynb") or "\0" in name:
                continue
            if candidate.resolve() in self.written or os.path.isfile(candidate):
                if candidate.resolve() not in self.written and mentioned_above(self.by_cell, candidate.name):
                    raise Refusal(f"the notebook itself may write {candidate.name} before it runs it")
                return candidate
        raise Refusal(f"the file {name} is not there")

    def text(self, request: Request, running: tuple[Path, ...], ends_cell: bool) -> Text:
        """The code of a file and of all it runs itself."""
        path = request.path.resolve()
        if path in running:
            raise Refusal(f"{path.name} runs itself")
        directives: list[Directive] = []
        codes = []
        for cell in self.read(path):
            if cell.kind != "code":
                continue
            code, found = read_magics(cell.source, self.around)
            directives += found
            codes.append(self.nested(code, (*running, path), path.name))
        code = _without_futures("\n".join(codes), path.name)
        if request.arguments or any(word in code for word in TAKES_ARGUMENTS):
            given = [request.path.name, *request.arguments]
            code = f"__import__('sys').argv = {given!r}\n{code}"
        self.check(request, code)
        return Text(_quiet(code) if ends_cell else code, tuple(directives))

    def nested(self, code: str, running: tuple[Path, ...], name: str) -> str:
        """A file's code with the files that it runs in their places."""
        try:
            tree = parsed(code)
        except UNPARSABLE:
            raise Refusal(f"{name} {split_statements(code, 0)[1]}") from None
        lines = code.split("\n")
        for node in reversed(tree.body):
            argument = run_argument(node)
            if argument is not None:
                request = self.request(argument)
                text = self.text(request, running, False)
                lines[node.lineno - 1 : node.end_lineno] = text.code.split("\n")
        return "\n".join(lines)

    def read(self, path: Path) -> Sequence[Cell]:
        try:
            return self.cells(path, self.written.get(path))
        except ReadError as error:
            raise Refusal(error.message) from error

    def check(self, request: Request, code: str) -> None:
        """Raise `Refusal` where the code would do something else here than IPython has it do."""
        tree = parsed(code)
        mentioned = {node.id for node in nodes_of(tree) if isinstance(node, ast.Name)}
        name = request.path.name
        if own := sorted(mentioned & set(OWN_SCOPE)):
            raise Refusal(f"{name} asks for its own `{own[0]}`")
        if request.bare and "__name__" in mentioned:
            raise Refusal(f"{name} asks for its own `__name__`")
        if ends := sorted(_ends_early(tree)):
            raise Refusal(f"{name} may end early (`{ends[0]}`)")
        self.check_imports(request, tree)
        if not request.shared and request.path.suffix == ".py":
            self.check_names(name, tree)

    def check_imports(self, request: Request, tree: ast.Module) -> None:
        folder = request.path.parent.resolve()
        if folder != self.folder.resolve():
            near = {module for module, _ in modules_in(folder)} - {module for module, _ in modules_in(self.folder)}
            if found := sorted(imported_modules(tree) & near):
                raise Refusal(f"{request.path.name} imports `{found[0]}` from its own folder")

    def check_names(self, name: str, tree: ast.Module) -> None:
        """A script has a namespace of its own: what it and its functions read must be its own, and stay what it was."""
        own = {bound for bound, _ in bindings(tree)}
        star = any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in nodes_of(tree))
        lent = sorted(read_at_once(tree) - own - EVERYWHERE) if not star else []
        if lent and lent[0] in self.around.names:
            raise Refusal(f"{name} reads `{lent[0]}`, which it would only find with `%run -i`")
        imports = {ast.dump(node) for node in nodes_of(tree) if isinstance(node, (ast.Import, ast.ImportFrom))}
        elsewhere = {bound for other in self.trees for bound in _bound_at_top(other, imports)}
        changed = {found for node in nodes_of(tree) if isinstance(node, ast.Global) for found in node.names}
        read_later = {name for node in tree.body for name in _read_later(node)} & {bound for bound in _bound_at_top(tree, set())}
        if clash := sorted(read_later & elsewhere):
            raise Refusal(f"functions in {name} read `{clash[0]}`, which the notebook binds to something else")
        if clash := sorted(changed & self.around.uses.keys()):
            raise Refusal(f"functions in {name} change `{clash[0]}`, of which the notebook only has a copy")


def written_above(trees: Mapping[int, ast.Module], cell: int, folder: Path) -> Mapping[Path, bytes]:
    """The files that the cells above one write by `%%writefile`, with what they hold then; not those that are written in several ways."""
    found: dict[Path, bytes] = {}
    for index in sorted(index for index in trees if index < cell):
        for node in trees[index].body:
            name, text = written_file(node)
            if name and "\0" not in name:
                found[(folder / name).resolve()] = text.encode()
    names = {path.name for path in found}
    unsure = {name for index, tree in trees.items() for name in names if index < cell and mentions(tree, name)}
    return {path: content for path, content in found.items() if path.name not in unsure}


def written_file(node: ast.stmt) -> tuple[str, str]:
    """The name and text of a file that a statement writes as `%%writefile` does; two empty texts for any other statement."""
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "write_text":
        path, text = call.func.value, call.args[0]
        made = path.args if isinstance(path, ast.Call) and ast.unparse(path.func) == "__import__('pathlib').Path" else []
        if made and isinstance(made[0], ast.Constant) and isinstance(text, ast.Constant):
            return str(made[0].value), str(text.value)
    return "", ""


def mentioned_above(trees: Mapping[int, ast.Module], name: str) -> bool:
    """Whether a notebook names a file in any other way than by running or writing it by magic."""
    return any(mentions(tree, name) for tree in trees.values())


def mentions(tree: ast.Module, name: str) -> bool:
    """Whether a cell has the name of a file in a text, other than in a `%run` or `%%writefile`."""
    others = [node for node in tree.body if run_argument(node) is None and not written_file(node)[0]]
    texts = (part.value for node in others for part in nodes_of(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return any(name in text for text in texts)


def run_argument(node: ast.stmt) -> str | None:
    """The words behind `%run`, when a statement is one."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not (
        isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "run_line_magic" and len(call.args) == 2
    ):
        return None
    name, argument = call.args
    if not (isinstance(name, ast.Constant) and name.value == "run" and isinstance(argument, ast.Constant)):
        return None
    return str(argument.value).strip()


def read_at_once(tree: ast.Module) -> set[str]:
    """Names that the statements themselves read, not the functions they define."""
    found: set[str] = set()
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting += [*node.args.defaults, *(part for part in node.args.kw_defaults if part), *getattr(node, "decorator_list", [])]
        else:
            waiting += ast.iter_child_nodes(node)
    return found


def _read_later(node: ast.AST) -> Iterator[str]:
    """Names read by functions."""
    for function in nodes_of(node):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            local = {argument.arg for argument in nodes_of(function.args) if isinstance(argument, ast.arg)}
            for part in nodes_of(function):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id not in local:
                    yield part.id


def _bound_at_top(tree: ast.Module, imports: set[str]) -> Iterator[str]:
    """Names bound outside of functions and classes, but for the same imports."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif not (isinstance(node, (ast.Import, ast.ImportFrom)) and ast.dump(node) in imports):
            yield from (name for name, _ in bindings(node))


def _ends_early(tree: ast.Module) -> Iterator[str]:
    """Words by which statements outside of functions end the program."""
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for part in nodes_of(node):
                word = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
                if word in ENDINGS:
                    yield word


def _without_futures(code: str, name: str) -> str:
    """The code without the imports from `__future__` that Python 3 has built in."""
    lines = code.split("\n")
    for node in parsed(code).body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            if {alias.name for alias in node.names} - ALWAYS_ON:
                raise Refusal(f"{name} changes how its annotations are read")
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    return "\n".join(lines)


def _quiet(code: str) -> str:
    """The code with a semicolon behind a last expression: what a file ends in is not shown."""
    body = parsed(code).body
    if not body or not isinstance(body[-1], ast.Expr):
        return code
    lines = code.split("\n")
    line, column = (body[-1].end_lineno or 1) - 1, body[-1].end_col_offset or 0
    column = character_column(lines[line], column)
    lines[line] = f"{lines[line][:column]};{lines[line][column:]}"
    return "\n".join(lines)
