"""What the plan knows about a stage -> its docstring, in Google style and short.

Stage("load", title="Load the data", ...)   ->   Load the data.

                                                 Args:
                                                     path: Where the export lies.

                                                 From cells 3-5 of churn.ipynb.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from nb2prod.codegen.literals import literal, spelled
from nb2prod.codegen.words import capitalized
from nb2prod.model.plan import Parameter, Plan, Stage

WIDTH = 88
LINE = WIDTH - 4  # a summary stands on one line with its quotes
MOST_TOLD, MOST_MADE = 4, 1  # results in a summary; what is loaded or trained comes with other things
TELLING = frozenset("compute create evaluate load predict prepare train".split())
LONGEST_DEFAULT = 40
STEM = 4  # letters that tell of two forms that they are one word
NOT_PROSE = re.compile(r"\s*(#|[-*+]\s|\d+[.)]\s|>|!\[|<|\||```|~~~|\$\$|={3,}|-{3,})")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
MARKS = re.compile(r"\*\*|<[^>]+>|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
SENTENCE_END = re.compile(r"(?<=[.!?])\s")


def stage_docstring(stage: Stage, plan: Plan, notebook: str) -> str:
    """The text inside the quotes; `notebook` is the notebook's path."""
    summary, about = stage_summary(stage, plan)
    parts = [summary, about and _sentence(about) if about.rstrip(".") != summary.rstrip(".") else ""]
    parts += [_arguments(stage, plan), _returns(stage)]
    if stage.updates:
        parts.append(f"Changes {joined(stage.updates)} in place.")
    if stage.cells:
        parts.append(f"From {cell_list(stage.cells)} of {PurePath(notebook).name}.")
    return "\n\n".join(part if part.startswith(("Args:", "Returns:")) else _wrapped(part) for part in parts if part)


def stage_summary(stage: Stage, plan: Plan) -> tuple[str, str]:
    """The sentence that says what a stage does, and what the notebook says about it beside that."""
    about = paragraph(stage.doc)
    title = plain(stage.title)
    first, *rest = SENTENCE_END.split(about, maxsplit=1)
    if not title and 0 < len(first) < LINE:
        return _sentence(first), " ".join(rest)
    return _sentence(_with_verb(title, stage.name) if title else _told_by_names(stage, plan)), about


def _with_verb(title: str, name: str) -> str:
    """The title; where the function's name only puts a verb in front of it, with that verb, and of the work alone the name in words. A title
    that has nothing of the name stands behind the name."""
    words = [word for word in re.findall(r"[a-z0-9]+", title.lower()) if word not in ("a", "an", "the")]
    verb, *rest = name.split("_")
    if words == rest:
        return f"{verb} {_inside(title)}"
    told = name.replace("_", " ")
    shared = {word[:STEM] for word in words} & {word[:STEM] for word in (verb, *rest) if len(word) >= STEM}
    if len(words) == 1 and words[0][:STEM] in (verb[:STEM], name.rpartition("_")[2][:STEM]):
        return told
    both = f"{told}: {_inside(title)}"
    return title if shared and ";" not in title or len(both) >= LINE else both


def _inside(title: str) -> str:
    """A title within a sentence."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _told_by_names(stage: Stage, plan: Plan) -> str:
    """A sentence for a stage that nothing in the notebook explains: the verb of its name and what it gives, else its name in words."""
    verb = stage.name.partition("_")[0]
    given = [output.name for output in stage.outputs]
    taken = {variable.name for variable in stage.inputs}
    paths = [parameter.name for parameter in plan.parameters if parameter.type == "path" and parameter.name in taken]
    told = f"{verb} {joined(given)}" if given and verb in TELLING else ""
    if verb == "load" and told and paths:
        told += f" from {joined(paths)}"
    most = MOST_MADE if verb in ("load", "train") else MOST_TOLD
    return told if len(given) <= most and 0 < len(told) < LINE else stage.name.replace("_", " ")


def quoted(text: str, indent: str = "") -> str:
    """The docstring as source, its lines indented; raw where it holds a backslash."""
    text = spelled(text.replace('"""', "'''"))
    if text.endswith('"') or text.endswith("\\"):
        text += " "
    body = textwrap.indent(text, indent).strip() if "\n" in text else text
    prefix = "r" if "\\" in text else ""
    return f'{prefix}"""{body}\n{indent}"""' if "\n" in text else f'{prefix}"""{body}"""'


def cell_list(cells: Sequence[int]) -> str:
    """`cell 3` or `cells 3-5 and 8`, counted from 0 as in the manifest."""
    runs: list[list[int]] = []
    for cell in sorted(cells):
        if runs and cell == runs[-1][-1] + 1:
            runs[-1].append(cell)
        else:
            runs.append([cell])
    texts = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return ("cell " if len(cells) == 1 else "cells ") + _listed(texts)


def joined(names: Iterable[str]) -> str:
    """Names in backquotes: `a`, `b` and `c`."""
    return _listed([f"`{name}`" for name in names])


def plain(text: str) -> str:
    """Markdown in one line without its marks."""
    return re.sub(r"\s+", " ", MARKS.sub("", LINK.sub(r"\1", text))).strip(" #\t\n")


def paragraph(markdown: str) -> str:
    """The first paragraph of prose; empty where there is none."""
    for block in re.split(r"\n\s*\n", markdown):
        lines = block.strip("\n").split("\n")
        while lines and lines[0].lstrip().startswith("#"):
            lines = lines[1:]
        if lines and lines[0].strip() and not NOT_PROSE.match(lines[0]):
            return plain(" ".join(lines))
    return ""


def _sentence(text: str) -> str:
    text = capitalized(text)
    return text if text.endswith((".", "!", "?")) else text.rstrip(":,; ") + "."


def _arguments(stage: Stage, plan: Plan) -> str:
    helps = {p.name: _sentence(plain(p.help)) if p.help else _default_told(p) for p in plan.parameters}
    makers = {output.name: made.name for made in _stages_before(stage, plan) for output in made.outputs}
    lines = []
    for name in (variable.name for variable in stage.inputs):
        about = helps[name] if name in helps else f"From `{makers[name]}`." if name in makers else ""
        lines.extend([f"{name}: {about}"] if about else [])
    return "Args:\n" + "\n".join(_hanging(line) for line in lines) if lines else ""


def _default_told(parameter: Parameter) -> str:
    """What can be said of a parameter that nothing in the notebook explains."""
    if parameter.secret:
        return "A secret, from the environment."
    value = literal(parameter.default, indent=None)
    return f"`{value}` in the notebook." if len(value) <= LONGEST_DEFAULT else "As in `Parameters`."


def _stages_before(stage: Stage, plan: Plan) -> Iterable[Stage]:
    return plan.stages[: plan.stages.index(stage)] if stage in plan.stages else ()


def _returns(stage: Stage) -> str:
    names = [output.name for output in stage.outputs]
    if len(names) < 2:
        return ""
    return "Returns:\n" + textwrap.fill(f"{joined(names)}.", WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False)


def _hanging(line: str) -> str:
    return textwrap.fill(line, WIDTH, initial_indent="    ", subsequent_indent="        ", break_long_words=False)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " and " + texts[-1]
