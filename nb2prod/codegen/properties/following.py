"""A stage's function -> what its results are, followed statement by statement from the tables it was given.

    def clean(df):
        df.dropna(inplace=True)              ->   {"df": Followed(Rows("df", fewer=True), steps=(Step(reads={"*"}, removes=True),))}
        df["age"] = df["age"].round()

What a statement does that is not known makes the names it touches unknown; nothing is guessed.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nb2prod.codegen.properties.settling import Step, Steps, settles_names, step_of_column, step_of_some, steps_of_table
from nb2prod.codegen.properties.values import ALL, PLAIN, Part, Plain, Reading, Rows, Value, picked
from nb2prod.codegen.properties.vocabulary import PLAIN_TYPES, SPLIT, TABLES
from nb2prod.model.plan import Stage

CHANGING = {"add_prefix", "insert", "pop", "reindex", "setdefault", "update"}


@dataclass
class Followed:
    """A value a name stands for, and where it is a table what was done to it since it was given; other names may stand for the same."""

    value: Value
    steps: Steps = None


def results_of(stage: Stage, module: ast.Module, package: str) -> dict[str, Followed]:
    """What is known of everything that a stage gives or changes in place, by name."""
    function = next((node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == stage.name), None)
    if function is None or function.decorator_list:
        return {}
    follower = Follower(stage, imports_of(module), package)
    follower.block(function.body[:-1] if isinstance(function.body[-1], ast.Return) else function.body)
    found = {name: follower.given[name] for name in stage.updates if name in follower.given}  # whatever the name means at the end
    last = function.body[-1]
    if isinstance(last, ast.Return) and last.value is not None:
        found.update(follower.returned(last.value, [output.name for output in stage.outputs]))
    return found


def imports_of(module: ast.Module) -> dict[str, str]:
    """The full names of what a module imports."""
    found = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found.update(
                {one.asname or one.name.partition(".")[0]: one.name if one.asname else one.name.partition(".")[0] for one in node.names}
            )
        elif isinstance(node, ast.ImportFrom):
            found.update({one.asname or one.name: f"{node.module}.{one.name}" for one in node.names})
    return found


class Follower:
    """Goes along the statements of one stage."""

    def __init__(self, stage: Stage, imports: Mapping[str, str], package: str) -> None:
        self.imports = imports
        self.package = package
        self.names: dict[str, Followed] = {}
        for given in stage.inputs:
            if given.type in TABLES:
                self.names[given.name] = Followed(Rows(given.name, wide=given.type == TABLES[0]), ())
            else:
                plain = given.type.partition("[")[0] in PLAIN_TYPES
                self.names[given.name] = Followed(PLAIN if plain else None)
        self.given = dict(self.names)
        self.reading = Reading(self.known, imports)
        self.at_hand = Reading(self._now, imports)

    def known(self, name: str) -> Value:
        """What a name stands for; what the stage does not bind is the module's own, and no table."""
        return self.names[name].value if name in self.names else PLAIN

    def _now(self, name: str) -> Value:
        """The same, with the rows of a table as they are now for all there is."""
        value = self.known(name)
        return replace(value, alone=True, free=True) if isinstance(value, Rows) and value.wide else value

    def block(self, statements: Sequence[ast.stmt]) -> None:
        for node in statements:
            self.statement(node)

    def statement(self, node: ast.stmt) -> None:
        """What is known after one more statement."""
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._spoil_given(node.value)
            self._assigned(node.targets[0], node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._spoil_given(node.value)
            self._assigned(node.target, node.value)
        elif isinstance(node, ast.AugAssign):
            self._assigned(node.target, ast.BinOp(_loaded(node.target), node.op, node.value))
        elif isinstance(node, ast.Expr):
            self._spoil_given(node.value)
            if isinstance(node.value, ast.Call):
                self._called(node.value)
        elif isinstance(node, ast.For) and not node.orelse:
            self._loop(node)
        elif not isinstance(node, (ast.Pass, ast.Import, ast.ImportFrom)):
            self._spoil_all(node)

    def returned(self, node: ast.expr, outputs: Sequence[str]) -> dict[str, Followed]:
        """What is given back, by the names of the outputs."""
        if isinstance(node, ast.Call) and node.keywords and len(outputs) > 1:
            return {word.arg: self._as_named(word.value) for word in node.keywords if word.arg and word.arg in outputs}
        return {outputs[0]: self._as_named(node)} if len(outputs) == 1 else {}

    def _as_named(self, node: ast.expr) -> Followed:
        if isinstance(node, ast.Name) and node.id in self.names:
            return self.names[node.id]
        return Followed(self.reading.of(node), self._steps(node))

    def _steps(self, node: ast.expr) -> Steps:
        name, steps = steps_of_table(node, self.at_hand)
        before = self.names[name].steps if name in self.names else None
        return None if before is None or steps is None else (*before, *steps)

    def _assigned(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = self._as_named(value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpacked(target.elts, value)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            self._attribute(target.value.id, target.attr, value)
        elif isinstance(target, ast.Subscript):
            self._item(target, value)
        else:
            self._spoil_all(target)

    def _unpacked(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        if isinstance(value, ast.Tuple) and len(value.elts) == len(targets):
            made = [self._as_named(one) for one in value.elts]
            for target, one, followed in zip(targets, value.elts, made, strict=True):
                if isinstance(target, ast.Name):
                    self.names[target.id] = followed
                else:
                    self._assigned(target, one)
            return
        names = [target.id if isinstance(target, ast.Name) else "" for target in targets]
        split = isinstance(value, ast.Call) and self.reading.dotted(value.func) == SPLIT
        wholes = [self.reading.of(one) for one in value.args] if split and isinstance(value, ast.Call) else []
        for at, name in enumerate(names):
            whole = wholes[at // 2] if len(wholes) * 2 == len(names) else None
            pair = tuple(names[at - at % 2 : at - at % 2 + 2])
            is_part = isinstance(whole, Rows) and not (whole.fewer or whole.relabelled) and all(pair)
            self.names[name] = Followed(Part(whole.table, pair) if isinstance(whole, Rows) and is_part else None)
        for target in targets:
            if not isinstance(target, ast.Name):
                self._spoil_all(target)

    def _attribute(self, name: str, attribute: str, value: ast.expr) -> None:
        followed = self.names.get(name)
        rows = followed.value if followed else None
        if followed is None or not isinstance(rows, Rows):
            return
        if attribute == "columns":
            settles = settles_names(value, name)
            followed.steps = (*followed.steps, Step()) if followed.steps is not None and settles else None
            followed.value = rows if settles or isinstance(value, (ast.List, ast.ListComp)) else None
        elif attribute == "index":
            followed.value, followed.steps = replace(rows, relabelled=True), None
        else:
            self._column(followed, name, attribute, value)

    def _item(self, target: ast.Subscript, value: ast.expr) -> None:
        base = target.value
        by_label = isinstance(base, ast.Attribute) and base.attr == "loc"
        name = base.value if isinstance(base, ast.Attribute) and by_label else base
        followed = self.names.get(name.id) if isinstance(name, ast.Name) else None
        if followed is None or not isinstance(name, ast.Name) or not isinstance(followed.value, Rows):
            if followed is None or not isinstance(followed.value, Plain) or not isinstance(self.reading.of(value), Plain):
                self._spoil_all(target)
        elif by_label:
            self._some(followed, target.slice, value)
        elif isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str):
            self._column(followed, name.id, target.slice.value, value)
        else:  # several columns, or rows by a condition
            self._written(followed, [self.reading.of(target.slice), self.reading.of(value)], None)

    def _column(self, followed: Followed, name: str, column: str, value: ast.expr) -> None:
        self._written(followed, [self.reading.of(value)], step_of_column(name, column, value, self.at_hand))

    def _some(self, followed: Followed, key: ast.expr, value: ast.expr) -> None:
        """`df.loc[mask, column] = value`; a label that is not there would add a row."""
        assert isinstance(followed.value, Rows)
        pair = key.elts if isinstance(key, ast.Tuple) and len(key.elts) == 2 else []
        mask = self.reading.of(pair[0]) if pair else None
        if not pair or picked(followed.value, mask) is None:
            followed.value, followed.steps = None, None
            return
        column = pair[1].value if isinstance(pair[1], ast.Constant) else None
        steps = step_of_some(column, pair[0], value, self.at_hand) if isinstance(column, str) else None
        self._written(followed, [mask, self.reading.of(value)], steps)

    def _written(self, followed: Followed, values: Sequence[Value], steps: Steps) -> None:
        """A column was written: the table keeps its rows whatever that was, and they depend on what that depends on."""
        rows = followed.value
        assert isinstance(rows, Rows)
        ours = [value for value in values if not isinstance(value, Plain)]
        place = (rows.table, rows.moved, rows.relabelled)
        known = all(isinstance(value, Rows) and (value.table, value.moved, value.relabelled) == place for value in ours)
        alone = rows.alone and known and all(isinstance(value, Rows) and value.alone for value in ours)
        summed = all(isinstance(value, (Rows, Plain)) or (value is not None and not isinstance(value, Part)) for value in values)
        free = rows.free and summed and all(not isinstance(value, Rows) or (value.free and value.table == rows.table) for value in values)
        followed.value = replace(rows, columns=ALL, alone=alone, free=free)
        followed.steps = (*followed.steps, *steps) if followed.steps is not None and steps is not None else None

    def _called(self, node: ast.Call) -> None:
        """A call whose value nobody takes: what it changes in place."""
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        if not isinstance(base, ast.Name) or base.id not in self.names:
            return
        followed, words = self.names[base.id], {word.arg: word.value for word in node.keywords}
        inplace = words.get("inplace")
        if isinstance(followed.value, Plain):  # a list that something was put into
            plain = all(isinstance(self.reading.of(one), Plain) for one in (*node.args, *words.values()))
            followed.value = PLAIN if plain else None
        elif isinstance(inplace, ast.Constant) and inplace.value is True:
            quiet = ast.Call(node.func, node.args, [word for word in node.keywords if word.arg != "inplace"])
            followed.value, followed.steps = self.reading.of(quiet), self._steps(quiet)
        elif inplace is not None or (isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING):
            followed.value, followed.steps = None, None

    def _loop(self, node: ast.For) -> None:
        """A loop that writes columns does so for every round; what it binds is not known afterwards."""
        over = PLAIN if isinstance(self.reading.of(node.iter), Plain) else None
        self._spoil_given(node.iter)
        bound = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
        rounds = {inner.id for inner in ast.walk(node.target) if isinstance(inner, ast.Name)}
        for name in bound:
            self._spoil(name)
            self.names[name] = Followed(over if name in rounds else None)
        self.block(node.body)
        for name in bound:
            self.names[name] = Followed(None)
        for inner in ast.walk(node):  # a round may undo what another has done
            if isinstance(inner, ast.Name) and inner.id in self.names:
                self.names[inner.id].steps = None

    def _spoil(self, name: str) -> None:
        if name in self.names:
            self.names[name].value, self.names[name].steps = None, None

    def _spoil_all(self, node: ast.AST) -> None:
        """Whatever a statement mentions that is not read here may be anything afterwards."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name):
                self._spoil(inner.id)
                if isinstance(inner.ctx, ast.Store):
                    self.names[inner.id] = Followed(None)

    def _spoil_given(self, node: ast.expr) -> None:
        """A table handed to a function of the package itself may be changed there."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr):
                self._spoil_all(inner)
            elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and self._is_own(inner.func.id):
                for one in (*inner.args, *(word.value for word in inner.keywords)):
                    if not isinstance(self.reading.of(one), Plain):
                        self._spoil(one.id if isinstance(one, ast.Name) else "")

    def _is_own(self, name: str) -> bool:
        """Whether a function is one of the package, or of the stage itself."""
        return self.imports.get(name, f"{self.package}." if name not in dir(builtins) else "").startswith(f"{self.package}.")


def _loaded(target: ast.expr) -> ast.expr:
    """The target of an augmented assignment as a value."""
    return ast.parse(ast.unparse(target), mode="eval").body
