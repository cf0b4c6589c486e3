"""Magics that say what plain Python can say -> that Python, in as many lines as the magic has.

    %cd "my data"               __import__('os').chdir('my data')
    %env LEVEL={level}    ->    __import__('os').environ['LEVEL'] = f'{level}'
    %%writefile a.txt           __import__('pathlib').Path('a.txt').write_text(\"\"\"\\
    one                         one\\n\"\"\", encoding='utf-8');

Modules are spelled `__import__('os')`, because a name could be the notebook's own; the package imports them properly. A magic that cannot be
said in Python gives a `Refusal` with its reason, and stays in the code for the analysis to judge.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nb2prod.knowledge.expansion import expanded
from nb2prod.model.syntax import nodes_of, parsed
from nb2prod.reading.statements import UNPARSABLE

OS = "__import__('os')"
SUBPROCESS = "__import__('subprocess')"
ASSIGNMENT = re.compile(r"(?P<name>[^\s=]+)\s*(?:=\s*|\s)(?P<value>.*)", re.DOTALL)
IDENTIFIER = re.compile(r"[^\W\d]\w*")
PYLAB = (
    "import numpy; import numpy as np; import matplotlib; from matplotlib import pylab, mlab, pyplot; import matplotlib.pyplot as plt; "
    "from pylab import *; from numpy import *"
)
INTERPRETERS = frozenset({"bash", "sh", "perl", "ruby", "pypy"})
SKIPPING = frozenset({"echo", "true", ":"})  # programs that take no notice of the cell below them


class Refusal(Exception):
    """A magic has no translation; says why, as the rest of a sentence."""


@dataclass(frozen=True)
class Around:
    """What the notebook around a magic says: the names it binds, how it uses them (attributes; "" for anything else), and those that hold
    nothing but IPython's shell, or the lines of shell commands; its functions, and what it calls the function `interact` of ipywidgets; and a
    name for the folder it was in before, where `%cd -` asks for that; and names that hold lines of shell commands until they are bound anew.
    """

    names: frozenset[str] = frozenset()
    uses: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    shells: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    functions: Mapping[str, ast.FunctionDef] = field(default_factory=lambda: MappingProxyType({}))
    interacts: frozenset[str] = frozenset()
    folder_before: str = ""
    lines_for_a_while: frozenset[str] = frozenset()


NOTHING_AROUND = Around()


def statement_of(name: str, argument: str, around: Around) -> str | None:
    """The one line of Python that a line magic is; None for one that is not in the table. Raises `Refusal`."""
    translate = STATEMENTS.get(name)
    return translate(argument.strip(), around) if translate else None


def value_of(name: str, argument: str, around: Around) -> str | None:
    """The expression a line magic gives its value by, in `x = %pwd`; None for one that is not in the table. Raises `Refusal`."""
    translate = VALUES.get(name)
    return translate(argument.strip(), around) if translate else None


def cell_of(name: str, argument: str, body: str, around: Around) -> str | None:
    """The Python of a cell magic, its body on the same lines as before; None for one that is not in the table. Raises `Refusal`."""
    translate = CELLS.get(name)
    return translate(argument.strip(), body, around) if translate else None


def text_of(text: str, around: Around) -> str:
    """The expression of a magic's word, without the quotes around it, `~` and variables filled in."""
    bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
    filled = expanded(bare, around.names)
    return f"{OS}.path.expanduser({filled})" if bare.startswith("~") else filled


def _change_folder(argument: str, around: Around) -> str:
    folder = re.sub(r"^-q\b\s*", "", argument)
    before = around.folder_before
    if folder == "-" and before:
        return f"{OS}.chdir([{before}, {before} := {OS}.getcwd()][0])"
    if folder.startswith("-"):
        raise Refusal("it goes back in the history of folders")
    return (f"{before} = {OS}.getcwd(); " if before else "") + f"{OS}.chdir({text_of(folder or '~', around)})"


def _set_variable(argument: str, around: Around) -> str:
    found = ASSIGNMENT.fullmatch(argument)
    if found is None:
        return ""  # `%env` and `%env NAME` only show
    return f"{OS}.environ[{found['name']!r}] = {expanded(found['value'].strip(), around.names)}"


def _variable(argument: str, around: Around) -> str:
    if not IDENTIFIER.fullmatch(argument):
        raise Refusal("it gives a copy of the whole environment")
    return f"{OS}.environ[{argument!r}]"


def _pylab(argument: str, around: Around) -> str:
    return PYLAB.partition(" from pylab")[0].rstrip(";") if "--no-import-all" in argument else PYLAB


def _delete(argument: str, around: Around) -> str:
    name = argument.removeprefix("-n").strip()
    if not IDENTIFIER.fullmatch(name):
        raise Refusal("it deletes by more than a name")
    return f"del {name}"


def _system(command: str) -> Callable[[str, Around], str]:
    return lambda argument, around: f"get_ipython().system({f'{command} {argument}'.strip()!r})"


def _lines_of(argument: str, around: Around) -> str:
    return f"get_ipython().getoutput({argument!r})"


STATEMENTS: Mapping[str, Callable[[str, Around], str]] = MappingProxyType(
    {
        "cd": _change_folder,
        "env": _set_variable,
        "set_env": _set_variable,
        "pylab": _pylab,
        "xdel": _delete,
        "sx": _lines_of,
        "system": _lines_of,
        **{name: _system(name) for name in ("mkdir", "rmdir", "cp", "mv", "rm", "ln")},
    }
)
VALUES: Mapping[str, Callable[[str, Around], str]] = MappingProxyType(
    {"pwd": lambda argument, around: f"{OS}.getcwd()", "env": _variable, "sx": _lines_of, "system": _lines_of}
)


# cells -----------------------------------------------------------------------------------------------------------------------------


def _write_file(argument: str, body: str, around: Around) -> str:
    append = re.match(r"(?:-a|--append)\s+", argument) or re.search(r"\s+(?:-a|--append)$", argument)
    path = text_of(argument.replace(append[0], "", 1) if append else argument, around)
    if append:
        return f'open({path}, "a", encoding="utf-8").write({_lines_text(body)});'
    return f"__import__('pathlib').Path({path}).write_text({_lines_text(body)}, encoding='utf-8');"


def _lines_text(body: str) -> str:
    """The body as a literal that stands on the lines the body stands on."""
    escaped = body.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines = escaped.split("\n")[:-1]
    if any(not (character.isprintable() or character == "\t") for line in lines for character in line):
        return repr(body) + "\n" * len(lines)
    if not lines:
        return "''"
    if lines[-1].endswith('"'):
        lines[-1] = lines[-1][:-1] + '\\"'
    return '"""\\\n' + "\n".join(lines) + '\\n"""'


def captured(argument: str) -> str:
    """The name that `%%capture` gives to what it captures; empty when it throws it away."""
    return next((word for word in argument.split() if not word.startswith("-")), "")


def with_capture(argument: str, code: str, around: Around) -> str | None:
    """The code of a cell below `%%capture NAME`, below a line that gives it a stream of its own; None where nothing asks for its text.

    Raises `Refusal` where more than the text is asked for.
    """
    name = captured(argument)
    asked = around.uses.get(name, frozenset())
    if not name or asked <= {"show"}:
        return None
    if asked - {"show", "stdout"} or "--no-stdout" in argument or "display" in code:
        raise Refusal(f"`{name}` holds more than the text that was printed")
    head = f"with __import__('contextlib').redirect_stdout(__import__('io').StringIO()) as {name}:"
    return "\n".join([head, *_indented(code.split("\n"))])


def _indented(lines: list[str]) -> list[str]:
    """The lines four columns to the right, except those that begin within a string."""
    try:
        tree = parsed("\n".join(lines))
    except UNPARSABLE as error:
        raise Refusal("the cell below it is not plain Python") from error
    if not tree.body:
        raise Refusal("the cell below it is empty")
    strings = (node for node in nodes_of(tree) if isinstance(node, (ast.Constant, ast.JoinedStr)))
    inside = {number for node in strings for number in range(node.lineno + 1, (node.end_lineno or 0) + 1)}
    return [line if number in inside or not line.strip() else f"    {line}" for number, line in enumerate(lines, 1)]


def _script(program: str) -> Callable[[str, str, Around], str | None]:
    return lambda argument, body, around: _run_script(f"{program} {argument}".strip(), body, around)


def _run_script(line: str, body: str, around: Around) -> str | None:
    """A cell for another program. IPython gives it the text on its standard input and raises when it fails."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise Refusal("its first line has an open quote") from error
    options, command = _script_options(words)
    if odd := {"--bg", "--proc"} & set(options):
        raise Refusal(f"it runs in the background (`{sorted(odd)[0]}`)")
    if not command:
        raise Refusal("it names no program")
    raises = "--no-raise-error" not in options
    if command[0] in SKIPPING or (command[0] == "false" and not raises):
        return "\n" * body.count("\n")
    start = "__import__('sys').executable" if command[0] in ("python", "python3") else repr(command[0])
    arguments = ", ".join([start, *(expanded(word, around.names) for word in command[1:])])
    streams = "".join(f", {stream}={SUBPROCESS}.PIPE" for stream, option in STREAMS.items() if option in options)
    call = f"{SUBPROCESS}.run([{arguments}], input={_lines_text(body)}, text=True, check={raises}{streams})"
    wanted = [(options[option], stream) for stream, option in STREAMS.items() if option in options]
    if not wanted:
        return f"{call};"
    if len(wanted) > 1:
        raise Refusal("it fills two variables at once")
    return f"{wanted[0][0]} = {call}.{wanted[0][1]}"


STREAMS = MappingProxyType({"stdout": "--out", "stderr": "--err"})


def _script_options(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """IPython's own options, wherever they stand, and the command that is left."""
    options: dict[str, str] = {}
    command: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equal, value = word.partition("=")
        if name in ("--out", "--err", "--proc"):
            options[name] = value if equal else next(rest, "")
        elif name in ("--bg", "--no-raise-error"):
            options[name] = ""
        else:
            command.append(word)
    return options, command


def _getoutput(argument: str, body: str, around: Around) -> str:
    return f"get_ipython().getoutput({body!r})" + "\n" * body.count("\n")


CELLS: Mapping[str, Callable[[str, str, Around], str | None]] = MappingProxyType(
    {
        "writefile": _write_file,
        "file": _write_file,
        "script": _script(""),
        "sx": _getoutput,
        "system": _getoutput,
        "!": _getoutput,
        **{name: _script(name) for name in ("bash", "sh", "perl", "ruby", "python", "python3", "pypy", "cmd")},
    }
)
