"""Names and roles of stages: from headings, from what is computed, from outputs; never two alike.

## 2. Clean the data                -> "clean_data" in features.py
# Load the dataset                  -> "load_dataset" in data.py
model.fit(...)                      -> "train_random_forest" in model.py
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType

from nb2prod.model.dataflow import Mark
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.plan import Parameter
from nb2prod.planning.borders import Need
from nb2prod.planning.code import LiveCode
from nb2prod.planning.phrases import function_name, is_action, shortened, slug
from nb2prod.planning.tongues import tongue_of

HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.+?)\s*#*\s*$", re.MULTILINE)
NUMBERING = re.compile(r"^(?:(?:step|part|section|chapter|task)\s+)?(?:\d+(?:\.\d+)*|[ivx]+|[a-z])[.):]?\s+|^\d+[.):]?\s*", re.IGNORECASE)
PROSE = re.compile(r"(?!.*\w\.\w)[^\W\d_][\w ,'/&:.!-]*")
MOST_COMMENT_WORDS, MOST_HEADING_WORDS = 7, 3
NOTHING_ASKED: Mapping[int, str] = MappingProxyType({})
LEARNERS = frozenset("sklearn xgboost lightgbm catboost statsmodels imblearn keras tensorflow torch".split())
PREPARERS = frozenset("preprocessing impute compose feature_extraction feature_selection decomposition datasets utils".split())
ENDING = re.compile(r"_(classifier|regressor|vectorizer|transformer)$")
# Verbs that are about files, and how a statement that handles them is marked.
FILES: Mapping[str, Mark] = {"load": "reads", "save": "writes"}
DRAWN = (("x", "y", "hue", "col"), ("kind", "stat", "multiple", "element"))  # arguments of drawings: the columns, and how
PIPELINE = frozenset(
    "run main parameters results results_of changes dataclass fields check_contract".split()
)  # what stands beside the stages
NUMBERS = frozenset("bool int float complex str numpy.bool_ numpy.int64 numpy.float64 numpy.float32 numpy.int32".split())
TABLE = "pandas.DataFrame"
APART = "; "
# What a stage does decides its module and its verb where it has no other: the first line that fits.
ROLES: tuple[tuple[Mark, str, str], ...] = (
    ("fits", "model", "train"),
    ("draws", "plots", "plot"),
    ("writes", "output", "save"),
    ("reads", "data", "load"),
    ("measures", "evaluation", "evaluate"),
    ("predicts", "model", "predict"),
)
# The module of a stage whose heading says by a verb what it does.
HOMES = {
    **dict.fromkeys("load read import fetch download collect get ingest".split(), "data"),
    **dict.fromkeys(
        "clean prepare preprocess engineer encode impute scale split normalize standardize transform merge".split(), "features"
    ),
    **dict.fromkeys("plot visualize visualise draw".split(), "plots"),
    **dict.fromkeys("train fit tune predict forecast".split(), "model"),
    **dict.fromkeys("evaluate validate assess".split(), "evaluation"),
    **dict.fromkeys("save write export store".split(), "output"),
}


@dataclass(frozen=True)
class Work:
    """What a stage takes, the tables among that it changes, and what it gives with types (and without a name the types of what it makes for
    itself)."""

    takes: Sequence[str]
    changes: Sequence[str]
    gives: Sequence[tuple[str, str]]


class StageNames:
    """Gives each stage a name nobody else has; the notebook's own title names no stage."""

    def __init__(
        self, notebook: Notebook, taken: Iterable[str], parameters: Sequence[Parameter] = (), asked: Mapping[int, str] = NOTHING_ASKED
    ) -> None:
        self.notebook = notebook
        self.taken = set(taken) | set(dir(builtins)) | set(keyword.kwlist) | PIPELINE
        self.asked = {cell: name for cell, name in asked.items() if is_function_name(name) and name not in self.taken}
        self.taken |= set(self.asked.values())
        self.title = next(
            (match.group(2) for cell in notebook.cells if cell.kind == "markdown" for match in HEADING.finditer(cell.source)), ""
        )
        cells = [cell.source for cell in notebook.cells if cell.kind == "markdown"]
        self.tongue = tongue_of((slug(match.group(2)) for text in cells for match in HEADING.finditer(text)), "\n".join(cells))
        self.files = {p.name: slug(PurePath(str(p.default)).stem) for p in parameters if p.type == "path" and not p.secret}

    def words(self, statements: tuple[StatementId, ...], previous: int) -> tuple[str, str]:
        """The nearest heading over a stage and the prose between that heading and the code; without a heading the comment on top."""
        found = headings_above(self.notebook, statements[0].cell, previous)
        title = heading_text(found[-1]) if found and found[-1] != self.title else ""
        inside = [heading_text(text) for text in headings_above(self.notebook, statements[-1].cell, statements[0].cell)] if title else []
        inside = [text for text in dict.fromkeys(inside) if text and text != title and len(text.split()) <= MOST_HEADING_WORDS]
        title = listed([title, *inside[:2]]) if inside and len(title.split()) <= MOST_HEADING_WORDS else title
        texts = [cell.source for cell in self.notebook.cells[max(previous, 0) : statements[0].cell] if cell.kind == "markdown"]
        if texts and self.title in (match.group(2) for match in HEADING.finditer(texts[-1])):
            texts = []  # that is about the notebook
        prose = HEADING.sub("", texts[-1]).strip() if texts else ""
        return title or heading_text(comment_above(self.notebook, statements[0])), first_paragraph(prose)

    def name(self, code: LiveCode, needs: Sequence[Need], work: Work, title: str) -> tuple[str, str]:
        """A function name and a module name."""
        outputs = work.gives
        module, verb = self.role(code, needs, work)
        what = self.what(code, needs, outputs, verb)
        from_title = function_name(title, verb, self.tongue) if APART not in title else ""
        asked = self.asked.get(needs[0].id.cell, "")
        if asked:
            self.asked = {cell: name for cell, name in self.asked.items() if name != asked}  # another stage there is called otherwise
            return asked, HOMES.get(asked.partition("_")[0], HOMES.get(from_title.partition("_")[0], module))
        home = HOMES.get(from_title.partition("_")[0], module)
        module = home if module != "model" or home not in ("data", "features") else module  # what fits a model prepares no data
        module = "data" if module == "features" and not self.fits(code) else module
        if from_title and "_" not in from_title and what:
            from_title = shortened(f"{what}_{from_title}" if self.tongue and self.tongue.last else f"{from_title}_{what}")
        computed = shortened(f"{verb}_{what}".strip("_"))
        candidates = [from_title, computed, shortened(f"{from_title}_{what}") if from_title else ""]
        more = details(code, needs)
        candidates += [shortened(f"{verb}_{words}") for words in more] + [shortened(f"{computed}_{words}") for words in more]
        candidates += list(self.numbered(from_title or computed))
        name = next(c for c in candidates if c and c.isidentifier() and c not in self.taken)
        self.taken.add(name)
        return name, module

    def role(self, code: LiveCode, needs: Sequence[Need], work: Work) -> tuple[str, str]:
        """The module a stage goes to, and its verb; of what it draws, and of what it reads beside its inputs, it must do much for that."""
        marks = [mark for need in needs for mark in code.effects[need.id].marks if mark != "fits" or not only_prepares(code.tree(need.id))]
        seldom = {mark for mark in ("draws", "reads") if marks.count(mark) * 2 <= len(needs) and (mark == "draws" or work.takes)}
        for mark, module, verb in ROLES:
            if mark in marks and mark not in seldom:
                return module, verb
        fits = self.fits(code)
        given = [type for name, type in work.gives if name]
        if given and made_learners(code, needs):
            return "model", "create"
        if work.changes:
            return "features", "prepare"
        if given and work.takes and all(type == TABLE for type in given):
            return "features", "prepare"
        if given and all(type in NUMBERS for type in given) and work.takes:
            return ("evaluation" if fits else "analysis"), "compute"
        if given:
            return ("features" if fits else "analysis"), "create" if not work.takes else "prepare" if fits else "compute"
        if work.takes:
            return ("evaluation" if fits else "analysis"), "report"
        return ("analysis", "report") if "prints" in marks else ("settings", "configure")

    def fits(self, code: LiveCode) -> bool:
        """Whether the notebook fits a model anywhere."""
        return any("fits" in code.effects[id].marks for id in code.statements)

    def what(self, code: LiveCode, needs: Sequence[Need], outputs: Sequence[tuple[str, str]], verb: str) -> str:
        """What a stage works on, in a word or two: the files it reads or writes, the kind of model, what it gives."""
        own = [need for need in needs if FILES.get(verb) in code.effects[need.id].marks]
        files = [self.files[name] for need in own or needs for name in sorted(need.parameters) if self.files.get(name)]
        each = looped(code, needs)  # what a loop leaves behind is one model of several
        models = [(name, type) for name, type in outputs if verb == "train" and type.partition(".")[0] in LEARNERS]
        held = [type for name, type in models if name not in each and not PREPARERS & set(type.split("."))]
        several = each.keys() & {name for name, _ in models}
        given = [type for name, type in models if name and name not in each] or ([] if several else held)
        kinds = list(dict.fromkeys(ENDING.sub("", slug(type.rpartition(".")[2])) for type in given))
        if verb == "train" and (not kinds or any(kind.endswith("estimator") for kind in kinds)):  # what knowledge calls many classes
            kinds = made_learners(code, needs) or fitted_names(code, needs)
        elif verb == "train" and len(made := made_learners(code, needs)) > len(kinds):
            kinds = made  # one name was bound to several, one after the other
        names = [name for name, _ in outputs if slug(name)]
        if verb in FILES and files:
            return "_and_".join(dict.fromkeys(files[:2]))
        elif kinds:
            return "_and_".join(kinds) if len(kinds) < 3 else "models"
        elif verb == "plot" and not names:
            found = [self.object_of(code, needs)]
        elif verb == "configure":
            found = []
        else:
            found = [slug(name) for name in names[-2:]] or [self.object_of(code, needs)]
            if len(found) == 2 and not set(found[0].split("_")) & set(found[1].split("_")):
                return "_and_".join(found)
        return "_".join(dict.fromkeys("_".join(found).split("_")))

    def numbered(self, name: str) -> Iterable[str]:
        return (f"{name}_{number}" for number in range(2, 10_000))

    def object_of(self, code: LiveCode, needs: Sequence[Need]) -> str:
        """Without outputs: the last name that is worked on."""
        given = frozenset().union(*(need.needs | need.gives for need in needs))
        for id in (need.id for need in reversed(needs)):
            loads = [
                r.name for r in code.by_statement[id] if r.context == "load" and r.name in code.stores and code.decisions[id].role == "code"
            ]
            variables = [name for name in loads if name in given and all(code.decisions[s].role == "code" for s in code.stores[name])]
            if variables:
                return slug(variables[-1])
        return ""


def made_learners(code: LiveCode, needs: Sequence[Need]) -> list[str]:
    """The kinds of models that statements make by calling classes which the notebook imports by name; not those that are parts of another."""
    homes = {alias.asname or alias.name: (node.module or "").split(".") for node in code.imports_from for alias in node.names}
    learners = {name for name, home in homes.items() if home[0] in LEARNERS and not PREPARERS & set(home) and name[:1].isupper()}
    calls = [node for need in needs for node in ast.walk(code.tree(need.id)) if isinstance(node, ast.Call)]
    makers = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id in learners]
    parts = {id(node) for maker in makers for node in ast.walk(maker) if node is not maker}
    made = [maker.func.id for maker in makers if id(maker) not in parts and isinstance(maker.func, ast.Name)]
    return list(dict.fromkeys(ENDING.sub("", slug(name)) for name in made))


def fitted_names(code: LiveCode, needs: Sequence[Need]) -> list[str]:
    """The last of the notebook's variables that are fitted themselves, or hold what is: `models` for `models[i].fit(X, y)`."""
    calls = [node.func for need in needs for node in ast.walk(code.tree(need.id)) if isinstance(node, ast.Call)]
    found = []
    for func in calls:
        node: ast.expr = func.value if isinstance(func, ast.Attribute) and func.attr in ("fit", "fit_predict") else func
        while isinstance(node, (ast.Subscript, ast.Attribute)) and node is not func:
            node = node.value
        if isinstance(node, ast.Name) and node is not func and node.id in code.stores:
            found += [name for name in [slug(looped(code, needs).get(node.id, node.id))] if name]
    return found[-1:]


def looped(code: LiveCode, needs: Sequence[Need]) -> dict[str, str]:
    """The variables that loops bind, each with the last of the notebook's variables that its loop goes over: `model`, of `models.items()`."""
    found: dict[str, str] = {}
    loops = (node for need in needs for node in ast.walk(code.tree(need.id)) if isinstance(node, ast.For))
    for loop in loops:
        over = [node.id for node in ast.walk(loop.iter) if isinstance(node, ast.Name) and node.id in code.stores]
        found.update({node.id: over[-1] if over else node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)})
    return found


def details(code: LiveCode, needs: Sequence[Need]) -> list[str]:
    """What tells a stage from others of its kind: the columns it makes, the columns it looks at or draws, how it draws them, the last thing it
    calls."""
    nodes = [node for need in needs for node in ast.walk(code.tree(need.id))]
    columns: dict[type[ast.expr_context], list[str]] = {ast.Store: [], ast.Load: []}
    for node in nodes:
        key = node.slice if isinstance(node, ast.Subscript) else None
        if isinstance(node, ast.Subscript) and isinstance(key, ast.Constant) and isinstance(key.value, str) and type(node.ctx) in columns:
            columns[type(node.ctx)].append(slug(key.value))
    called = [node.func.attr for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    said = [
        (keyword.arg, slug(keyword.value.value))
        for node in nodes
        for keyword in (node.keywords if isinstance(node, ast.Call) else ())
        if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    ]
    drawn = [[word for name, word in said if name in names] for names in DRAWN]
    found = [list(dict.fromkeys(word for word in words if word)) for words in (*columns.values(), *drawn)]
    return ["_".join(words[:2]) for words in found if words] + [slug(name) for name in called[-1:] if slug(name)]


def is_function_name(name: str) -> bool:
    """Whether a person may give a stage this name: no class of a generated module has one like it, and pytest takes it for no test."""
    return name.isidentifier() and name == name.lower() and not name.startswith(("_", "test"))


def only_prepares(tree: ast.stmt) -> bool:
    """Whether what a statement fits is there to transform data: `scaler.fit_transform(X)`."""
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return "fit_transform" in called and not called & {"fit", "fit_predict"}


def comment_above(notebook: Notebook, id: StatementId) -> str:
    """The short comment right above a statement, if it reads like a heading."""
    cell = notebook.cells[id.cell]
    above = cell.code.split("\n")[: cell.statements[id.index].span.start_line - 1]
    texts = []
    while above and above[-1].startswith("#"):
        texts.append(above.pop().strip("#=-*: \t"))
    text = next((text for text in reversed(texts) if text), "")
    said = NUMBERING.sub("", text)
    return text if PROSE.fullmatch(said) and len(text.split()) <= MOST_COMMENT_WORDS and is_action(function_name(said, "do")) else ""


def headings_above(notebook: Notebook, cell: int, previous: int) -> list[str]:
    """The headings in markdown cells between the code cell before and this one."""
    between = notebook.cells[previous + 1 : cell]
    return [match.group(2) for other in between if other.kind == "markdown" for match in HEADING.finditer(other.source)]


def heading_text(text: str) -> str:
    """A heading without its marks, its number and what it ends with."""
    return (NUMBERING.sub("", plain(text)) or plain(text)).rstrip(" :.-=")


def listed(texts: Sequence[str]) -> str:
    """`Age, fare and cabin`; `Split and scale; models`, which no function can be called."""
    low = [texts[0], *(text[:1].lower() + text[1:] if text[1:2].islower() else text for text in texts[1:])]
    return APART.join(low) if any(" and " in text for text in low) else ", ".join(low[:-1]) + " and " + low[-1]


def plain(text: str) -> str:
    """Markdown inline marks taken off: emphasis, code, links, HTML tags."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<[^>]+>", "", text)
    return re.sub(r"[*_`~$]+(?=\S)|(?<=\S)[*_`~$]+", lambda m: "_" if m.group() == "_" else "", text).strip()


def first_paragraph(text: str) -> str:
    """The first paragraph of some markdown, as one line without marks."""
    paragraph = next(
        (p for p in re.split(r"\n\s*\n", text.strip()) if p.strip() and not p.lstrip().startswith(("|", "```", "![", "<img"))), ""
    )
    return plain(" ".join(line.strip(" -*>") for line in paragraph.splitlines()))


def package_name(stem: str, beside: Iterable[str] = ()) -> str:
    """A package name from a file name, that no module of Python or beside the notebook has."""
    name = slug(stem) or "notebook"
    taken = {*sys.stdlib_module_names, *keyword.kwlist, *beside, "test", "tests", "src"}
    return f"{name}_package" if name in taken else name
