"""Functions and definitions -> whole modules: who lives where, what each imports, formatted.

Chunk("data", ("load",), "def load(path: str) -> pd.DataFrame: ...")   ->   File("src/churn/data.py", ...)
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePath

from nb2prod.codegen.blocks import with_short_functions
from nb2prod.codegen.cells import parse_cell
from nb2prod.codegen.docstrings import quoted
from nb2prod.codegen.duplicates import without_duplicates
from nb2prod.codegen.edits import plan_edits
from nb2prod.codegen.functions import Chunk, Scene, definition_chunk, stage_chunk
from nb2prod.codegen.homes import drawn_by, without_cycles
from nb2prod.codegen.imports import FUTURE, TYPE_CHECKING, acting_imports, dotted_paths, import_block, references
from nb2prod.codegen.names import ALWAYS_THERE, plan_names
from nb2prod.codegen.pipeline_module import pipeline_chunk
from nb2prod.codegen.repeats import without_repeats
from nb2prod.codegen.unread import has_unread
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.plan import Import, Plan
from nb2prod.model.project import File

LINE_LENGTH = 100


def write_modules(plan: Plan, notebook: Notebook) -> tuple[File, ...]:
    """The modules of the stages and definitions, and `pipeline.py`, sorted by path.

    Raises ValueError when the plan asks for what Python cannot say (see `functions`): that is a bug of the planning.
    """
    scene = make_scene(without_cycles(plan, notebook), notebook)
    drawn = drawn_by(plan, notebook)
    definitions = [definition_chunk(definition, scene, definition.name in drawn) for definition in scene.plan.definitions]
    stages = without_duplicates([stage_chunk(stage, scene) for stage in plan.stages])
    beside = scene.names.taken | {name for chunk in definitions for name in chunk.provides}
    stages = with_short_functions(without_repeats(stages, beside, formatted), beside, formatted)
    chunks = [*definitions, *stages, pipeline_chunk(scene, formatted)]
    modules = dict.fromkeys(chunk.module for chunk in chunks)
    texts = {name: _module(name, [chunk for chunk in chunks if chunk.module == name], scene) for name in modules}
    return tuple(File(f"src/{plan.package}/{name}.py", text) for name, text in sorted(texts.items()))


def make_scene(plan: Plan, notebook: Notebook) -> Scene:
    """Parses the cells that live code comes from."""
    ids = {*(id for stage in plan.stages for id in stage.statements), *(definition.statement for definition in plan.definitions)}
    live: dict[int, set[int]] = {}
    for id in sorted(ids):
        live.setdefault(id.cell, set()).add(id.index)
    cells = {cell: parse_cell(notebook.cells[cell].code, ranks) for cell, ranks in live.items()}
    sources = [notebook.statement(StatementId(*id)).source for id in sorted(ids)]
    names = plan_names(plan, sources)
    acting = acting_imports(plan.imports, [statement.source for statement in notebook.statements], names.read)
    return Scene(plan, notebook.path, cells, plan_edits(plan), names, acting)


@lru_cache(64)  # most modules of a package stay as they are from one attempt to the next
def formatted(text: str) -> str:
    """The text as black lays it out."""
    import black  # late: it is slow to load, and only whole modules need it

    return black.format_str(text, mode=black.Mode(line_length=LINE_LENGTH))


def _module(name: str, chunks: Sequence[Chunk], scene: Scene) -> str:
    """Docstring, imports and the chunks one below the other."""
    plan = scene.plan
    constants = _constants(chunks)
    others = [chunk.text.strip("\n") for chunk in chunks if chunk not in constants]
    body = "\n\n\n".join([*(["\n".join(chunk.text.strip("\n") for chunk in constants)] if constants else []), *others])
    checking = list(dict.fromkeys(i for chunk in chunks for i in chunk.checking))
    own = {provided for chunk in chunks for provided in chunk.provides} | {imported.bound for imported in checking}
    wanted = references(body) - own
    given = [i for chunk in chunks for i in chunk.imports]
    imports = given + _needed(wanted, body, scene, {imported.bound for imported in given})
    acting = _acting(scene, {_top(imported) for imported in imports}, any(chunk.stage for chunk in chunks))
    postponed = checking or FUTURE in plan.imports or any(chunk.postponed for chunk in chunks)
    future = [FUTURE] if postponed else []
    imports += [*future, *acting, *([TYPE_CHECKING] if checking else [])]
    first_party = (plan.package, *(PurePath(module).stem for module in plan.local_modules))
    block = import_block(imports, first_party, acting)
    parts = [quoted(_about(name, chunks, scene)), block, _checking_block(checking, first_party), body]
    allowed = _allowed(imports, body, wanted)
    if allowed:
        unbound = '# mypy: disable-error-code="name-defined"\n' if {"F405", "F821"} & set(allowed) or _made_global(body) else ""
        parts.insert(1, f"{unbound}# ruff: noqa: {', '.join(allowed)}")
    return formatted("\n\n".join(part for part in parts if part) + "\n")


def _constants(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The definitions that are plain assignments and can stand above all functions, since they mention none, in their order."""
    provided = {name for chunk in chunks for name in chunk.provides}
    found: list[Chunk] = []
    for chunk in chunks:
        nodes = [inner for node in ast.parse(chunk.text).body for inner in ast.walk(node)]
        plain = isinstance(nodes[0], (ast.Assign, ast.AnnAssign)) and not any(isinstance(node, ast.Lambda) for node in nodes)
        mentioned = {node.id for node in nodes if isinstance(node, ast.Name)} & provided
        above = {name for one in found for name in one.provides}
        found.extend([chunk] if plain and not chunk.stage and mentioned <= above | set(chunk.provides) else [])
    return found


def _needed(wanted: set[str], body: str, scene: Scene, given: set[str]) -> list[Import]:
    """The imports behind the names: the package's own definitions go before the notebook's imports, those before our own."""
    plan = scene.plan
    homes = {d.name: Import(d.name, f"{plan.package}.{d.module}", d.name) for d in plan.definitions}
    support = scene.names.support()
    paths = dotted_paths(body)
    found: list[Import] = []
    unknown: set[str] = set()
    for name in sorted(wanted):
        notebook = [imported for imported in plan.imports if imported.bound == name]
        if name in homes:
            found.append(homes[name])
        elif notebook:
            found.extend(_used(notebook, paths))
        elif name in support:
            found.append(support[name])
        elif name not in given | ALWAYS_THERE:
            unknown.add(name)
    stars = [imported for imported in plan.imports if imported.attribute == "*"]
    return [*found, *(stars if unknown else [])]  # a name that nothing else binds may come from any of them


def _used(imports: Sequence[Import], paths: set[str]) -> Sequence[Import]:
    """Of several imports that bind one name: the submodules that are reached through it, else the last import of the name itself."""
    submodules = [imported for imported in imports if not imported.attribute and imported.module in paths and "." in imported.module]
    whole = [imported for imported in imports if imported.attribute or "." not in imported.module or imported.bound != _top(imported)]
    return [*whole[-1:], *submodules] or imports[:1]


def _acting(scene: Scene, libraries: set[str], has_stages: bool) -> list[Import]:
    """The imports that live though no code reads what they bind: they act on a library, and go where it is used (or to every stage)."""
    used = {_top(imported) for imported in scene.plan.imports if imported not in scene.acting}
    return [i for i in scene.acting if _top(i) in libraries or (has_stages and _top(i) not in used)]


def _allowed(imports: Sequence[Import], body: str, wanted: set[str]) -> list[str]:
    """What a linter finds in the notebook's code and must let pass: names from star imports, in their order, names that nobody binds (the
    notebook never came to that line) and names nobody reads."""
    stars = any(imported.attribute == "*" for imported in imports)
    unbound = not stars and wanted - {imported.bound for imported in imports} - ALWAYS_THERE - _made_global(body)
    found = {"F405": stars, "F821": unbound, "F841": has_unread(body), "I001": stars or _imports_inside(body)}
    return [code for code, said in found.items() if said]


def _imports_inside(body: str) -> bool:
    """Whether a function imports more than one thing, in the notebook's own order."""
    functions = [node for node in ast.walk(ast.parse(body)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    inner = ([node for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom))] for function in functions)
    return any(len(imports) > 1 or any(len(one.names) > 1 for one in imports) for imports in inner)


def _made_global(body: str) -> set[str]:
    return {name for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Global) for name in node.names}


def _top(imported: Import) -> str:
    return imported.module.split(".")[0]


def _checking_block(imports: Sequence[Import], first_party: Sequence[str]) -> str:
    block = import_block(imports, first_party)
    return "if TYPE_CHECKING:\n" + "\n".join(f"    {line}" if line else "" for line in block.split("\n")) if block else ""


def _about(name: str, chunks: Sequence[Chunk], scene: Scene) -> str:
    notebook = PurePath(scene.notebook).name
    return next((chunk.about for chunk in chunks if chunk.about), f"The {name.replace('_', ' ')} part of {notebook}.")
