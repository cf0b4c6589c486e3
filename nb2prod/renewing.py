"""Converting into a folder that holds an earlier project: what was decided there is kept to, and what was edited there stays.

earlier = find_earlier(Path("churn"))                what lies in the folder; None where there is nothing yet
remembered(Choices(), earlier)                       ->   Choices(package="churn", fixed=("random_state",), ...)
renew(conversion's notebook, plan and files, earlier)   ->   Renewal(files, ancestor, names, decisions, remarks, edited)
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from nb2prod.errors import SaveError
from nb2prod.merging import CASES, PATH, Ancestor, Decisions, Names, Origin, Remark, Renewal, decide, merge, rename, unpack
from nb2prod.model.choices import Choices
from nb2prod.model.job import Schedule
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.plan import Plan
from nb2prod.model.project import File
from nb2prod.model.verdict import Trial, Verdict
from nb2prod.reading.folder import Folder, read_folder
from nb2prod.targets import TARGETS

MANIFEST = "nb2prod.json"
LOST = "edited by hand, which may be the cause: "
SHOWN = 3  # so many edited definitions in one reason
MADE_ANEW = "`{}` is edited by hand: its recorded case is made anew, and the difference shows what the edit does"
GONE = "`{}` is edited by hand, and no case of it can be recorded any more"


@dataclass(frozen=True)
class Earlier:
    """A project that lies in a folder: its files, what nb2prod wrote last, the name of its package and what was decided about it."""

    there: Folder
    ancestor: Ancestor
    package: str
    decisions: Decisions


Look = Callable[[str], "Earlier | None"]


def nothing_there(package: str) -> Earlier | None:
    """Where no folder is looked into."""
    return None


def find_earlier(folder: Path, force: bool = False) -> Earlier | None:
    """The project in a folder; None where there is none, where it cannot be merged with (`saving` then says whether it may be written over), and
    where by `force` its hand edits are given up.

    Raises:
        ReadError: what was decided about it cannot be read.
        SaveError: its record of what was written last is damaged, so that hand edits cannot be told from it.
    """
    if force or not (folder / MANIFEST).is_file() or not (folder / PATH).is_file():
        return None
    there = read_folder(folder)
    ancestor = unpack(there[PATH])
    if ancestor is None:
        raise SaveError(
            f"{folder}: {PATH} is damaged, so hand edits cannot be told from what nb2prod wrote; nothing was changed",
            f"get {PATH} back from version control, or choose another folder with -o, or give up all edits with --force",
        )
    package, decisions = decide(ancestor, there)
    return Earlier(there, ancestor, package, decisions)


def remembered(choices: Choices, earlier: Earlier) -> Choices:
    """The choices with what was decided before; what is asked for now goes first."""
    decisions = earlier.decisions
    targets = tuple(name for name in TARGETS if any(path.startswith(f"jobs/{name}/") for path in earlier.ancestor.digests))
    return replace(
        choices,
        keep=tuple(dict.fromkeys((*decisions.keep, *choices.keep))),
        drop=tuple(dict.fromkeys((*decisions.drop, *choices.drop))),
        fixed=tuple(dict.fromkeys((*decisions.fixed, *choices.fixed))),
        package=choices.package or earlier.package,
        targets=targets if targets and choices.targets == Choices().targets else choices.targets,
        schedule=choices.schedule or (Schedule(decisions.schedule, decisions.timezone) if decisions.schedule else None),
    )


def renew(plan: Plan, notebook: Notebook, files: tuple[File, ...], choices: Choices, earlier: Earlier | None) -> Renewal:
    """The generated files merged with what lies in the folder."""
    new = {file.path: file.content if isinstance(file.content, bytes) else file.content.encode("utf-8") for file in files}
    decided = earlier.decisions if earlier else Decisions()
    schedule = choices.schedule or Schedule("")
    decided = replace(decided, keep=choices.keep, drop=choices.drop, schedule=schedule.cron, timezone=schedule.timezone)
    origins = tuple(sorted(origins_of(plan, notebook), key=lambda origin: (origin.kind, origin.name)))
    if earlier is None:
        return merge(None, {}, plan.package, new, origins, decided)
    return merge(earlier.ancestor, earlier.there, plan.package, new, origins, decided)


def as_files(renewal: Renewal, generated: tuple[File, ...]) -> tuple[File, ...]:
    """The merged files, as text where they were generated as text and still are."""
    data = {file.path for file in generated if isinstance(file.content, bytes)}
    return tuple(File(path, content if path in data else _text(content)) for path, content in sorted(renewal.files.items()))


def as_named(plan: Plan, names: Names) -> Plan:
    """The plan with the names the project has; results keep those of the notebook, by which they are proved."""
    return replace(
        plan,
        stages=tuple(
            replace(one, name=names.functions.get(one.name, one.name), module=names.modules.get(one.module, one.module))
            for one in plan.stages
        ),
        definitions=tuple(
            replace(one, name=names.functions.get(one.name, one.name), module=names.modules.get(one.module, one.module))
            for one in plan.definitions
        ),
        parameters=tuple(replace(one, name=names.parameters.get(one.name, one.name)) for one in plan.parameters),
    )


def as_it_lies(plan: Plan, renewal: Renewal) -> Plan:
    """The plan with every stage where the merged project has its function; without those that a hand took away."""
    named = as_named(plan, renewal.names)
    homes = {
        node.name: path for path, tree in _modules(renewal, plan.package).items() for node in tree.body if isinstance(node, ast.FunctionDef)
    }
    there = (replace(one, module=PurePath(homes[one.name]).stem) for one in named.stages if one.name in homes)
    return replace(named, stages=tuple(there))


def cases_as_generated(cases: Mapping[str, str], names: Names) -> dict[str, str]:
    """Cases recorded under the names of a project, under the names that are generated: a merge gives them the project's names again."""
    back = {kind: {new: old for old, new in getattr(names, kind).items()} for kind in ("functions", "modules")}
    files = {f"{CASES}/{name}.json": text.encode("utf-8") for name, text in cases.items()}
    return {PurePath(path).stem: content.decode("utf-8") for path, content in rename(files, Names(names.package, **back)).items()}


def told_of_cases(renewal: Renewal, there: Mapping[str, bytes], package: str) -> Renewal:
    """The renewal with a remark on each recorded case that is another because of a hand edit."""
    touched = _touched(renewal, package)
    remarks = []
    for path in sorted(path for path in there if path.startswith(f"{CASES}/")):
        stage = PurePath(path).stem.partition("-")[0]
        if stage in touched and renewal.files.get(path) != there[path]:
            remarks.append(Remark(path, (MADE_ANEW if path in renewal.files else GONE).format(stage), always=True))
    return replace(renewal, remarks=(*renewal.remarks, *remarks))


def _touched(renewal: Renewal, package: str) -> set[str]:
    """The definitions edited by hand, and those that use one of them."""
    found = {told.split("`")[1] for told in renewal.edited if told.startswith("`")}
    uses = {
        node.name: {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        for tree in _modules(renewal, package).values()
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }
    while more := {name for name, used in uses.items() if used & found} - found:
        found |= more
    return found


def _modules(renewal: Renewal, package: str) -> dict[str, ast.Module]:
    """The modules of the merged package that Python can read."""
    found = {}
    for path, content in renewal.files.items():
        if PurePath(path).parent.as_posix() == f"src/{package}" and path.endswith(".py"):
            with contextlib.suppress(SyntaxError, ValueError):
                found[path] = ast.parse(content)
    return found


def told_of_edits(verdict: Verdict, renewal: Renewal) -> Verdict:
    """The verdict on a merged package: a difference names the definitions that were edited; trials were made of the package as it was generated."""
    trials = () if renewal.edited else tuple(_named_trial(trial, renewal.names) for trial in verdict.trials)
    if not renewal.edited or verdict.outcome == "same":
        return replace(verdict, trials=trials)
    more = f" and {len(renewal.edited) - SHOWN} more" if len(renewal.edited) > SHOWN else ""
    told = f"{LOST}{', '.join(renewal.edited[:SHOWN])}{more}"
    return replace(verdict, reason="; ".join(filter(None, (verdict.reason, told))), trials=trials)


def origins_of(plan: Plan, notebook: Notebook) -> list[Origin]:
    """Where the functions, parameters and results of a plan come from in the notebook."""
    functions = [*((one.name, one.statements) for one in plan.stages), *((one.name, (one.statement,)) for one in plan.definitions)]
    found = [_origin("function", name, statements, notebook) for name, statements in functions]
    for parameter in plan.parameters:
        id, content = notebook.cells[parameter.cell].id, repr((parameter.type, parameter.default if not parameter.secret else "secret"))
        found.append(Origin("parameter", parameter.name, (id,), (parameter.cell,), (_digest(content),)))
    for result in plan.results:
        if result.statement is not None:
            found.append(_origin("result", result.name, (result.statement,), notebook))
    return found


def _origin(kind: str, name: str, statements: tuple[StatementId, ...], notebook: Notebook) -> Origin:
    cells = tuple(dict.fromkeys(id.cell for id in statements))
    sources = tuple(_digest(notebook.statement(id).source) for id in statements)
    return Origin(kind, name, tuple(notebook.cells[cell].id for cell in cells), cells, sources)


def _named_trial(trial: Trial, names: Names) -> Trial:
    return replace(trial, parameter=names.parameters.get(trial.parameter, trial.parameter))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _text(content: bytes) -> str | bytes:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content
