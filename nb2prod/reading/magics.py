"""The text of a code cell -> plain Python with the same line numbers, and the directives that were in it.

    %matplotlib inline                       (blank)
    %time df = load()                 ->     df = load()
    files = !ls data                         files = get_ipython().getoutput('ls data')
                                             Directive("display", 1, ...), Directive("timing", 2, ...), Directive("shell", 3, ...)

What is special syntax and what is Python (`%` in a string, `a % b`, `!=`) is decided as IPython decides it: text that parses is Python;
otherwise IPython's own `TransformerManager` turns it into calls, which are then recognised in the syntax tree. Importing IPython takes
0.2 s, so it happens only for a cell that does not parse and has a line that looks like special syntax.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nb2prod.model.notebook import Directive, DirectiveKind
from nb2prod.model.syntax import nodes_of, parsed, remembered
from nb2prod.reading.directives import Judgement, MagicCall, judge
from nb2prod.reading.requirements import without_credentials
from nb2prod.reading.statements import UNPARSABLE, character_column
from nb2prod.reading.translations import NOTHING_AROUND, Around, Refusal, value_of, with_capture

if TYPE_CHECKING:
    from IPython.core.inputtransformer2 import TransformerManager

SPECIAL = re.compile(r"^\s*[%!?,;/]|^\s*(?:>>>|\.\.\.|In \[|\[(?:nav|ins)\])|\?\s*(?:#.*)?$|=\s*[%!]|\A(?:\s*\n)?[ \t]+\S", re.MULTILINE)
INDENT = re.compile(r"[ \t]+(?=\S)")
CELL_MAGIC = re.compile(r"(?:\s*\n)?%%(?!\w+\?)")
# A cell of one line is a magic without its `%` when it begins with the name of one that the notebook binds no variable by.
AUTOMAGIC = re.compile(
    r"\s*(?P<name>pip|conda|mamba|uv|cd|ls|ll|cat|cp|mv|rm|mkdir|rmdir|pwd|matplotlib|pylab|run|load_ext|env|timeit|time|who|whos|history|hist|lsmagic|clear"
    r"|precision|config|autoreload|reset|load|magic|quickref|xmode|colors|pdb|debug|less|more|man)(?:[ \t]+(?P<rest>[^\n]*))?\s*$"
)
# What makes of the word before it a part of an expression.
OPERATOR = re.compile(r"[!=()<>,+*/%^&|.]")
SHELL_METHODS = frozenset({"system", "system_raw", "system_piped", "getoutput", "getoutput_pcre"})
# What a call is when it must stay although its kind usually leaves: `log = !pip install x`, a `%time` beside other code.
KEPT_KINDS: Mapping[tuple[str, str], DirectiveKind] = {
    ("shell", "dependency"): "shell",
    ("line", "timing"): "timing",
    ("cell", "timing"): "timing",
}
# Calls whose words are known only when they run.
COMPUTED_CALLS: Mapping[str, MagicCall] = {
    **{method: MagicCall("shell") for method in SHELL_METHODS},
    **{method: MagicCall("line") for method in ("magic", "run_line_magic", "run_cell_magic")},
}
LINE_MAGICS_WITHOUT_VALUE = ("timeit", "prun", "run")
NO_VALUE = "what it gives is an object of IPython"
NO_TIMES = "what it gives are the times of this one run; measure with `time.perf_counter()` where the package needs them"
LONGEST_CHAIN = 500  # special lines in one cell; IPython itself stops there


@dataclass(frozen=True)
class Edit:
    """A call in the code and what it is: `node` is replaced within `holder`, the statement it stands in (None: it stays where it is)."""

    node: ast.Call
    holder: ast.stmt | None
    top_level: bool
    judgement: Judgement
    call: MagicCall


def read_magics(source: str, around: Around = NOTHING_AROUND) -> tuple[str, tuple[Directive, ...]]:
    """Turn a cell into Python that has exactly as many lines as `source`, and say what its magics were.

    Text that is no Python even then comes back with its magics as calls where that was possible, and without directives.
    """
    if CELL_MAGIC.match(source):
        return _read_cell_magic(source, around)
    if _is_automagic(source, around):
        code, directives = read_magics(re.sub(r"\S", r"%\g<0>", source, count=1), around)
        return code, tuple(replace(directive, text=directive.text.removeprefix("%")) for directive in directives)
    code = source
    tree = _tree(code)
    if tree is None and SPECIAL.search(source):
        clean = _clean(source)
        if CELL_MAGIC.match(clean):
            return _read_cell_magic(clean, around)
        code = _as_calls(clean)
        tree = _tree(code)
    if tree is None or not ("get_ipython" in code or any(name in code for name in around.shells)):
        return code, ()
    return _rewrite(code, source, tree, around)


@remembered
def read_alone(source: str) -> tuple[str, tuple[Directive, ...]]:
    """`read_magics` where nothing is known of the other cells."""
    return read_magics(source)


def _is_automagic(source: str, around: Around) -> bool:
    """Whether IPython takes the cell for a magic; where the notebook's names are not known, only what is no Python."""
    found = AUTOMAGIC.match(source)
    if found is None or found["name"] in around.names or OPERATOR.match(found["rest"] or ""):
        return False
    return around is not NOTHING_AROUND or _tree(source) is None


def _tree(code: str) -> ast.Module | None:
    try:
        return parsed(code)
    except UNPARSABLE:
        return None


def _manager() -> TransformerManager:
    from IPython.core.inputtransformer2 import TransformerManager  # here, because it costs 0.2 s that most notebooks need not pay

    return TransformerManager()


def _clean(source: str) -> str:
    """The cell without prompts (`>>> `, `In [1]: `) and common indentation, its lines where they were."""
    blank_lines = _blank_lines(source)
    lines = _lines(source)[blank_lines:]
    transforms: Sequence[Any] = _manager().cleanup_transforms  # IPython says `object` of them
    for transform in transforms:
        lines = transform(lines)
    if indent := INDENT.match(lines[0]):  # IPython before 9 took the first line's indentation off every line that has it
        lines = [line.removeprefix(indent[0]) for line in lines]
    return "\n" * blank_lines + "".join(lines)[:-1]


def _as_calls(source: str) -> str:
    """The cell with its special syntax as `get_ipython()` calls; lines that were continued into one leave blank lines behind it."""
    manager = _manager()
    lines = _lines(source)
    for _ in range(LONGEST_CHAIN):
        try:
            changed, shorter = manager.do_one_token_transform(lines)
        except UNPARSABLE:  # text that cannot even be cut into words: parsing it will say where
            break
        if not changed:
            break
        lines = _padded(lines, shorter)
    return "".join(lines)[:-1]


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.split("\n")]


def _blank_lines(source: str) -> int:
    """How many lines stand above the first that is not blank."""
    return source.count("\n", 0, len(source) - len(source.lstrip()))


def _padded(before: Sequence[str], after: list[str]) -> list[str]:
    """The lines after one transformation, with a blank line for each that it took away."""
    changed = next((index for index, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), len(after) - 1)
    return [*after[: changed + 1], *["\n"] * (len(before) - len(after)), *after[changed + 1 :]]


def _read_cell_magic(source: str, around: Around) -> tuple[str, tuple[Directive, ...]]:
    """A cell that begins with `%%`: its first line is the magic, the rest its body."""
    blank_lines = _blank_lines(source)
    lines = source.split("\n")
    first, body = lines[blank_lines], lines[blank_lines + 1 :]
    name, _, argument = first.strip()[2:].partition(" ")
    ended = body[:-1] if body[-1:] == [""] else body  # a newline at the end of the cell begins no further line
    call = MagicCall("cell", name, argument, "".join(line + "\n" for line in ended))
    judgement = judge(call, around)
    inside: tuple[Directive, ...] = ()
    if judgement.treatment == "unwrap":
        judgement, code, inside = _unwrapped(call, judgement, around)
    elif judgement.treatment == "translate":
        code = judgement.inner
    if judgement.treatment == "keep":
        code = f"get_ipython().run_cell_magic({name!r}, {argument!r}, {call.body!r})"
    elif judgement.treatment == "blank":
        code = ""
    directive = Directive(judgement.kind, blank_lines + 1, without_credentials(first.strip()), judgement.requirements, judgement.why)
    missing = len(body) - code.count("\n")
    return "\n" * blank_lines + code + "\n" * missing, (directive, *_moved(inside, blank_lines))


def _unwrapped(call: MagicCall, judgement: Judgement, around: Around) -> tuple[Judgement, str, tuple[Directive, ...]]:
    """The code that a magic only watches: what stands on its own line, and the lines below."""
    head, inside_head = read_magics(judgement.inner, around)
    code, inside = read_magics(call.body.removesuffix("\n"), around) if call.body else ("", ())
    directives = (*inside_head, *_moved(inside, 1))
    try:
        wrapped = with_capture(call.argument, code, around) if call.name == "capture" else None
    except Refusal as refusal:
        return replace(judgement, kind="other", treatment="keep", why=str(refusal)), "", ()
    return judgement, wrapped if wrapped is not None else f"{head}\n{code}" if call.body else head, directives


def _moved(directives: Sequence[Directive], lines: int) -> tuple[Directive, ...]:
    return tuple(replace(directive, line=directive.line + lines) for directive in directives)


def _rewrite(code: str, source: str, tree: ast.Module, around: Around) -> tuple[str, tuple[Directive, ...]]:
    """Carry out what the judgement of each call says, from the last to the first so that positions stay true."""
    lines = code.split("\n")
    seen = source.split("\n")
    directives: list[Directive] = []
    for edit in sorted(_edits(tree, around), key=lambda edit: (edit.node.lineno, edit.node.col_offset), reverse=True):
        kind = edit.judgement.kind
        inside: tuple[Directive, ...] = ()
        if edit.judgement.treatment != "keep":
            replaced = _replacement(edit, lines, around)
            if replaced is None:
                kind = KEPT_KINDS.get((edit.call.form, kind), "other")
            else:
                text, inside = replaced
                _replace(edit, text, lines)
        line = edit.node.lineno
        own = Directive(kind, line, without_credentials(_text(seen, line)), edit.judgement.requirements, edit.judgement.why)
        directives[:0] = [own, *_moved(inside, line - 1)]
    return "\n".join(lines), tuple(directives)


def _edits(tree: ast.Module, around: Around) -> Iterator[Edit]:
    """Every magic call of the tree with the statement it makes up (`%magic`) or gives its value to (`x = %magic`)."""
    holders = {
        id(node.value): node
        for node in nodes_of(tree)
        if isinstance(node, (ast.Expr, ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call)
    }
    top = {id(node) for node in tree.body}
    for node in nodes_of(tree):
        call = _magic_call(node, around) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and call is not None:
            holder = holders.get(id(node))
            yield Edit(node, holder, id(holder) in top, _judged(call, holder, around), call)


def _judged(call: MagicCall, holder: ast.stmt | None, around: Around) -> Judgement:
    """What a call is: `x = %env X` asks for what `%env X` shows."""
    if call.name == "timeit" and not isinstance(holder, ast.Expr):
        return Judgement("timing", "keep", why=NO_TIMES)
    if call.form != "line" or isinstance(holder, ast.Expr) or call.name in ("time", *LINE_MAGICS_WITHOUT_VALUE):
        return judge(call, around)
    try:
        value = value_of(call.name, call.argument, around) if holder is not None else None
    except Refusal as refusal:
        return Judgement("other", "keep", why=str(refusal))
    return Judgement("other", "keep", why=NO_VALUE) if value is None else Judgement("other", "translate", inner=value)


def _magic_call(node: ast.Call, around: Around) -> MagicCall | None:
    """What a call of a `get_ipython()` method means; None for any other call."""
    method = node.func
    if not isinstance(method, ast.Attribute):
        return None
    owner = method.value.func if isinstance(method.value, ast.Call) else method.value
    known = {"get_ipython"} if isinstance(method.value, ast.Call) else around.shells
    if not (isinstance(owner, ast.Name) and owner.id in known):
        return None
    words = tuple(str(argument.value) for argument in node.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str))
    if len(words) != len(node.args) or node.keywords:  # known only when it runs
        return COMPUTED_CALLS.get(method.attr)
    match (method.attr, words):
        case ("run_line_magic", (name, argument)):
            return MagicCall("line", name, argument)
        case ("magic", (text,)):  # how notebooks were exported to scripts before IPython 7
            name, _, argument = text.lstrip("%").partition(" ")
            return MagicCall("line", name, argument)
        case ("run_cell_magic", (name, argument, body)):
            return MagicCall("cell", name, argument, body)
        case (attribute, (command,)) if attribute in SHELL_METHODS:
            return MagicCall("shell", argument=command)
        case (("show_usage" | "set_next_input"), _):
            return MagicCall("usage")
    return None


def _replacement(edit: Edit, lines: Sequence[str], around: Around) -> tuple[str, tuple[Directive, ...]] | None:
    """The text that takes the call's place and the directives inside it; None where only the call itself can stand."""
    if isinstance(edit.holder, ast.Expr):
        return _statement_in_place(edit, lines, around)
    if edit.holder is not None and edit.call.form == "line":
        return _value_in_place(edit, lines)
    return None


def _statement_in_place(edit: Edit, lines: Sequence[str], around: Around) -> tuple[str, tuple[Directive, ...]] | None:
    before, after = _around(edit, lines)
    alone = not before.strip() and not after.strip(" \t;")
    text = edit.judgement.inner
    inside: tuple[Directive, ...] = ()
    if edit.judgement.treatment == "unwrap":
        wrapped = "\n".join(part for part in (edit.judgement.inner, edit.call.body.rstrip("\n")) if part)
        text, inside = read_magics(wrapped, around)
    if edit.call.form == "cell":
        text = text.rstrip("\n").removesuffix(";")
    if "\n" in text or (text.strip() and not alone):  # more lines than the call has, or neighbours it could swallow
        return None
    if not text.strip() and not (alone and edit.top_level):
        text = "pass"
    return text, inside


def _value_in_place(edit: Edit, lines: Sequence[str]) -> tuple[str, tuple[Directive, ...]] | None:
    """`x = %time f()` gives x the value of f(): possible for one expression only."""
    if _around(edit, lines)[1].strip():
        return None
    try:
        ast.parse(edit.judgement.inner, mode="eval")
    except UNPARSABLE:
        return None
    return edit.judgement.inner, ()


def _around(edit: Edit, lines: Sequence[str]) -> tuple[str, str]:
    """What stands before the call on its first line and behind it on its last."""
    first, last = lines[edit.node.lineno - 1], lines[(edit.node.end_lineno or 0) - 1]
    return (first[: character_column(first, edit.node.col_offset)], last[character_column(last, edit.node.end_col_offset or 0) :])


def _replace(edit: Edit, text: str, lines: list[str]) -> None:
    """Put the text where the call stands; lines the call took beyond its first become blank."""
    before, after = _around(edit, lines)
    if not text:
        before, after = before.rstrip(), after.strip(" \t;")
    first, last = edit.node.lineno - 1, (edit.node.end_lineno or 0) - 1
    lines[first : last + 1] = [before + text + after, *[""] * (last - first)]


def _text(seen: Sequence[str], line: int) -> str:
    """A directive as the user wrote it, with the lines it is continued on."""
    last = line
    while last < len(seen) and seen[last - 1].endswith("\\"):
        last += 1
    return "\n".join(seen[line - 1 : last]).strip()
