"""Names for shown values and figures that have none in the notebook.

accuracy_score(y, p)                   -> "accuracy"
df["age"].mean()                       -> "age_mean"
print(f"in money {risk * total}")      -> "risk_times_total", or "in_money" where that is taken
a figure under "## Sales by month"     -> "figure_sales_by_month"
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterable, Iterator
from itertools import chain, count

from nb2prod.model.notebook import Cell, Notebook
from nb2prod.model.syntax import nodes_of, parsed, remembered

WRAPPERS = frozenset("round float int str abs sqrt len format list dict repr sorted".split())
SILENT = frozenset("head tail round reset_index to_string float item format".split())
OPERATORS: dict[type[ast.operator], str] = {ast.Add: "plus", ast.Sub: "minus", ast.Mult: "times", ast.Div: "per", ast.Pow: "to_the"}
DIGITS = "zero one two three four five six seven eight nine ten".split()
RUNS_TEXTS = frozenset("eval exec compile globals locals vars".split())
LONGEST, MOST_WORDS = 48, 5
BEFORE = re.compile(r"^([\d.]+[.):]?\s+)?((the|an?)\s+)?", re.IGNORECASE)  # the number of a heading, and its article


class Names:
    """Gives out each name once, keeping clear of the notebook's own names, builtins and keywords."""

    def __init__(self, notebook: Notebook, taken: Iterable[str]) -> None:
        self.notebook = notebook
        words = frozenset().union(*(names_in(cell.code, bool(cell.syntax_error)) for cell in notebook.code_cells))
        self.taken = set(taken) | words | set(dir(builtins)) | set(keyword.kwlist)
        self.given: set[str] = set()
        self.modules = {name for cell in notebook.code_cells for name in modules_in(cell)}

    def of(self, node: ast.expr, cell: int, statement: ast.stmt | None = None) -> str:
        """A name for an expression, from what computes it, else from the text that the statement shows it with."""
        computed = shortened(slug("_".join(dict.fromkeys(words_of(node, self.modules)))))
        label = slug("_".join(label_of(node, statement))) if statement is not None else ""
        again = f"{computed}_{self.heading(cell) or label}" if computed in self.given else f"{computed}_shown"
        owner = slug(root_of(node, self.modules)) if computed in self.given else ""
        owned = f"{owner}_{computed}" if owner and owner not in computed.split("_") else ""
        return self.free([computed, label, owned, again.rstrip("_") if computed else "", computed or label or "shown_value"])

    def figure(self, cell: int) -> str:
        """A name for the figure of a cell, from the heading above it or the title drawn on it."""
        words = [self.heading(cell), *(slug("_".join(text.split()[:MOST_WORDS])) for text in titles_in(self.notebook.cells[cell]))]
        return self.free([f"figure_{word[:36].strip('_')}" for word in words if word] or ["figure"])

    def heading(self, cell: int) -> str:
        """The words of the nearest heading above a cell; empty where there is none."""
        for earlier in reversed(self.notebook.cells[:cell]):
            found = re.search(r"^#{1,6}\s+(.+)$", earlier.source, re.MULTILINE) if earlier.kind == "markdown" else None
            if found:
                return slug(BEFORE.sub("", found.group(1)) or found.group(1))
        return ""

    def free(self, names: list[str]) -> str:
        """The first of these names that is free, or the last with a number; a cell's would change with every cell that comes before it."""
        last = next(name for name in reversed(names) if name)
        candidates = chain(names, (f"{last}_{rank}" for rank in count(2)))
        found = next(name for name in candidates if name.isidentifier() and len(name) <= LONGEST + 16 and name not in self.taken)
        self.taken.add(found)
        self.given.add(found)
        return found


def words_of(node: ast.AST, modules: Iterable[str] = ()) -> list[str]:
    """The telling words of an expression: columns it selects, what it is worked out from and the last thing called."""
    if isinstance(node, ast.Call):
        return words_of_call(node, modules)
    if isinstance(node, ast.Subscript):
        return words_of_subscript(node, modules)
    if isinstance(node, ast.Attribute):
        return words_of(node.value, modules)[-1:] + [node.attr]
    if isinstance(node, ast.Name):
        return [] if node.id in modules else [node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        sides = [operand(side, modules) for side in (node.left, node.right)]
        said = all(sides) and not all(isinstance(side, ast.Constant) for side in (node.left, node.right))
        return [*sides[0], OPERATORS[type(node.op)], *sides[1]] if said else []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return words_of(node.left)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return words_in(re.sub(r"%[-+ 0#]*[\d.]*[a-zA-Z]|\{[^}]*\}", " ", node.value))
    if isinstance(node, ast.JoinedStr):
        return words_in(" ".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)))
    if isinstance(node, ast.Tuple) and node.elts:
        return [word for element in node.elts[:2] for word in words_of(element, modules)[:3]]
    return words_of(node.operand, modules) if isinstance(node, ast.UnaryOp) else []


def root_of(node: ast.expr, modules: Iterable[str]) -> str:
    """The variable that an expression is about: `df` for `df["age"].mean()`, the last one that a function is given; empty where there is none."""
    if isinstance(node, ast.Name):
        return "" if node.id in modules else node.id
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return root_of(node.value, modules)
    if not isinstance(node, ast.Call):
        return ""
    own = root_of(node.func, modules) if isinstance(node.func, ast.Attribute) else ""
    return own or next((root for argument in reversed(node.args) if (root := root_of(argument, modules))), "")


def words_of_call(node: ast.Call, modules: Iterable[str]) -> list[str]:
    """What a call works on, and what it is called."""
    attribute = node.func if isinstance(node.func, ast.Attribute) else None
    name = attribute.attr if attribute else getattr(node.func, "id", "")
    inner = next((words for argument in node.args if (words := words_of(argument, modules))), []) if name in WRAPPERS else []
    if attribute and isinstance(attribute.value, (ast.Subscript, ast.Call, ast.Constant)):
        inner = inner or words_of(attribute.value, modules)
    elif attribute and isinstance(attribute.value, ast.Attribute) and root_of(attribute.value, modules):
        inner = inner or words_in(attribute.value.attr.strip("_"))
    columns = list(dict.fromkeys([*inner, *texts(node)]))[:4] if inner else texts(node)
    if attribute and isinstance(attribute.value, ast.Name) and not inner and not columns:
        columns = words_of(attribute.value, modules)
    return columns + ([] if name in SILENT else [name.removesuffix("_score") or name])


def words_of_subscript(node: ast.Subscript, modules: Iterable[str]) -> list[str]:
    """The columns that are selected; without any, what is selected from, and the place."""
    columns = texts(node.slice)[:2]
    if isinstance(node.value, ast.Name):
        return columns or operand(node.value, modules) + place_in(node.slice)
    owner = words_of(node.value, modules)
    return (owner if isinstance(node.value, ast.Attribute) and not columns else owner[:1]) + columns


def operand(node: ast.expr, modules: Iterable[str]) -> list[str]:
    """The words of one side of an operation; small numbers in words."""
    if isinstance(node, ast.Constant) and type(node.value) is int and 0 <= node.value < len(DIGITS):
        return [DIGITS[node.value]]
    return words_of(node, modules)


def place_in(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return [str(node.value)]
    last = isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant) and node.operand.value == 1
    return ["last"] if last else []


def label_of(node: ast.expr, statement: ast.stmt) -> list[str]:
    """The words that a statement shows a value with: those in front of it in an f-string or among the arguments of a print."""
    for parent in nodes_of(statement):
        parts = parent.values if isinstance(parent, ast.JoinedStr) else parent.args if isinstance(parent, ast.Call) else []
        shown = [part.value if isinstance(part, ast.FormattedValue) else part for part in parts]
        if node in shown:
            before = shown[shown.index(node) - 1] if shown.index(node) else None
            if isinstance(before, ast.Constant) and isinstance(before.value, str):
                return words_in(re.split(r"[,;|()\n]", before.value)[-1])[-MOST_WORDS:]
    return []


def words_in(text: str) -> list[str]:
    """The first words of a text, if they say something."""
    words = re.findall(r"[^\W\d_]\w*", text)[:MOST_WORDS]
    return words if sum(map(len, words)) > 2 else []


def texts(node: ast.AST) -> list[str]:
    """Short string constants directly in an expression that read as words: column names."""
    found = [n.value for n in nodes_of(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return [text for text in found if re.fullmatch(r"\w{2,20}", text)][:1]


def titles_in(cell: Cell) -> Iterator[str]:
    """The titles and then the labels that a cell writes on what it draws."""
    calls = [node for node in all_of(cell) if isinstance(node, ast.Call)]
    for wanted in (("title", "suptitle", "set_title"), ("ylabel", "set_ylabel"), ("xlabel", "set_xlabel")):
        for call in calls:
            first = call.args[0] if call.args else None
            if isinstance(call.func, ast.Attribute) and call.func.attr in wanted and isinstance(first, ast.Constant):
                yield str(first.value)


@remembered
def names_in(code: str, broken: bool) -> frozenset[str]:
    """Everything in a cell's code that may be a name; words of its texts too where the cell could run them, all words where it is no Python."""
    nodes = () if broken else nodes_of(parsed(code))
    found: set[str] = set()
    if broken or any(isinstance(node, ast.Name) and node.id in RUNS_TEXTS for node in nodes):
        found.update(re.findall(r"[^\W\d]\w*", code))
    for node in nodes:
        for told in (getattr(node, field, None) for field in ("id", "attr", "arg", "name", "asname", "rest")):
            found.update(told.split(".") if isinstance(told, str) else ())
        found.update(getattr(node, "names", ()) if isinstance(node, (ast.Global, ast.Nonlocal)) else ())
    return frozenset(found)


def modules_in(cell: Cell) -> Iterator[str]:
    """The names that a cell's imports bind to whole modules."""
    for node in parsed(cell.code).body if cell.statements else ():
        if isinstance(node, ast.Import):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)


def all_of(cell: Cell) -> list[ast.AST]:
    """Everything in the statements of a cell, one statement after the other."""
    return [node for statement in (parsed(cell.code).body if cell.statements else ()) for node in nodes_of(statement)]


def slug(text: str) -> str:
    """Lower-case words joined by underscores, a valid identifier or empty."""
    plain = re.sub(r"\W+", "_", text.lower()).strip("_")
    return plain if plain.isidentifier() else f"value_{plain}" if plain and f"value_{plain}".isidentifier() else ""


def shortened(name: str) -> str:
    """A name cut between words."""
    return name if len(name) <= LONGEST else name[: LONGEST + 1].rpartition("_")[0] or name[:LONGEST]
