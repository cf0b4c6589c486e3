"""Where data came from: which objects an object was made from, and what parts of a split, learned values and models are.

X = scaler.fit_transform(X); a, b = train_test_split(X)     ->   what `b` holds came from `X`, through what `scaler` learned from all of it

Objects are those of the analysis: named by where they are made. An edge counts only from the statement on that made it, so that a later
change is never taken for an earlier one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from nb2prod.analysis.rules.called import Called, argument_of, makers_of, objects_at, path_of
from nb2prod.analysis.values import Value, deep_objects
from nb2prod.analysis.walk import Step
from nb2prod.model.syntax import children_of, nodes_of

SPLITS = ("sklearn.model_selection.train_test_split", "sklearn.cross_validation.train_test_split")
CROSS_VALIDATIONS = tuple(
    f"sklearn.model_selection.{name}" for name in ("cross_val_score", "cross_validate", "cross_val_predict", "learning_curve")
)
SEARCHES = (
    "sklearn.model_selection.GridSearchCV",
    "sklearn.model_selection.RandomizedSearchCV",
    "sklearn.model_selection.HalvingGridSearchCV",
)
# What learns something of the values in all rows. Encoders of labels, and what looks at one row at a time, learn nothing that could leak.
LEARNERS = re.compile(
    r"sklearn\.(?:preprocessing|impute|decomposition|feature_selection|feature_extraction\.text|random_projection|cross_decomposition|manifold"
    r"|discriminant_analysis|compose)\.(?!Label|MultiLabel|Normalizer|Binarizer|FunctionTransformer|PolynomialFeatures|HashingVectorizer|.*_)\w+$"
    r"|imblearn\.(?:over_sampling|under_sampling|combine)\.\w+$|category_encoders\.\w+$|sklearn\.preprocessing\._\w+\.\w+$"
)
FITTING = ("fit", "fit_transform", "fit_resample", "fit_predict", "partial_fit")
GIVING = ("transform", "fit_transform", "fit_resample", "fit_sample")
TESTING = ("predict", "predict_proba", "score", "decision_function", "predict_log_proba", "evaluate")


class Edge(NamedTuple):
    """An object holds something of these others from this rank of the run on."""

    rank: int
    sources: frozenset[str]


class Fit(NamedTuple):
    """A call that learned from data."""

    called: Called
    learner: str
    estimators: frozenset[str]
    data: frozenset[str]


class Split(NamedTuple):
    """A call that parted data: what it was given first, and the objects of the training and of the test part of every argument."""

    called: Called
    data: frozenset[str]
    train: frozenset[str]
    test: frozenset[str]


@dataclass(frozen=True)
class Lineage:
    """Questions about where the data of a notebook came from."""

    steps: tuple[Step, ...]
    calls: tuple[Called, ...]

    @cached_property
    def edges(self) -> Mapping[str, list[Edge]]:
        """What each object was made from: every expression and assignment of the run followed."""
        found: dict[str, list[Edge]] = {}
        for rank, step in enumerate(self.steps):
            for node, value in step.touches.values.items():
                sources = frozenset().union(*(objects_at(part, step) for part in children_of(node)))
                if not is_split(node, step):
                    join_edges(found, deep_objects(value) - sources, Edge(rank, sources))
            for target, put in changes(step):
                join_edges(found, objects_at(target, step), Edge(rank, objects_at(put, step)))
        for split in self.splits:
            for place, element in enumerate(split.called.result.elements or ()):
                argument = split.called.node.args[place // 2] if place // 2 < len(split.called.node.args) else None
                if argument is not None:
                    join_edges(found, deep_objects(element), Edge(split.called.rank, objects_at(argument, split.called.step)))
        return found

    @cached_property
    def makers(self) -> Mapping[str, str]:
        return makers_of(self.calls)

    def maker(self, value: Value | None) -> str:
        """The library path behind a value, where all that it may be was made by the same."""
        paths = {self.makers.get(object, "") for object in value.objects} if value is not None else set()
        return paths.pop() if len(paths) == 1 else ""

    def sources(self, objects: Iterable[str], rank: int, stop: frozenset[str] = frozenset()) -> frozenset[str]:
        """The objects and all they were made from up to a rank of the run, not looking behind those to stop at."""
        seen = set(objects)
        waiting = list(seen - stop)
        while waiting:
            for edge in self.edges.get(waiting.pop(), ()):
                if edge.rank <= rank:
                    waiting.extend(edge.sources - seen - stop)
                    seen |= edge.sources
        return frozenset(seen)

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        found = []
        for called in self.calls:
            elements = called.result.elements
            if called.path in SPLITS and elements and called.node.args:
                train, test = (frozenset().union(*map(deep_objects, elements[half::2])) for half in (0, 1))
                if not train & test:
                    found.append(Split(called, objects_at(called.node.args[0], called.step), train, test))
        return tuple(found)

    @cached_property
    def validations(self) -> tuple[tuple[Called, frozenset[str]], ...]:
        """The calls that part data again and again, and the data."""
        found = []
        for called in self.calls:
            searching = called.method == "fit" and self.maker(called.receiver) in SEARCHES
            position = 1 if called.path in CROSS_VALIDATIONS else 0 if searching else None
            node = argument_of(called.node, position, "X") if position is not None else None
            if node is not None:
                found.append((called, objects_at(node, called.step)))
        return tuple(found)

    @cached_property
    def fits(self) -> tuple[Fit, ...]:
        """Every call that learned from data, of anything that a library made."""
        found = []
        for called in self.calls:
            node = argument_of(called.node, 0, "X", "raw_documents") if called.method in FITTING else None
            learner = self.maker(called.receiver) if node is not None else ""
            if node is not None and learner and called.receiver is not None:
                found.append(Fit(called, learner, called.receiver.objects, objects_at(node, called.step)))
        return tuple(found)

    def fits_near(self, parts: frozenset[str]) -> list[Fit]:
        """The fits of anything that may come from these objects; the others need not be looked at."""
        return [fit for fit, origins in zip(self.fits, self.origins, strict=True) if not origins.isdisjoint(parts)]

    @cached_property
    def origins(self) -> tuple[frozenset[str], ...]:
        """All that each fit learned from, however far back."""
        return tuple(self.sources(fit.data, fit.called.rank) for fit in self.fits)

    def given_by(self, fit: Fit) -> frozenset[str]:
        """The objects that a fitted transformer gave: by the fit itself, and by later calls until it is fitted again."""
        again = min(
            (other.called.rank for other in self.fits if other.called.rank > fit.called.rank and other.estimators & fit.estimators),
            default=None,
        )
        found: frozenset[str] = frozenset()
        for called in (called for object in fit.estimators for called in self.giving.get(object, ())):
            own = called.node is fit.called.node
            later = called.method == "transform" and called.rank >= fit.called.rank and (again is None or called.rank < again)
            if own or later:
                found |= called.made
        return found

    @cached_property
    def giving(self) -> Mapping[str, list[Called]]:
        """The calls that give what a transformer made, by the transformers they may be of."""
        found: dict[str, list[Called]] = {}
        for called in self.calls:
            for object in called.receiver.objects if called.method in GIVING and called.receiver is not None else ():
                found.setdefault(object, []).append(called)
        return found

    def tests(self) -> Iterator[tuple[Called, frozenset[str]]]:
        """The calls that ask a model about data, and the data."""
        for called in self.calls:
            node = argument_of(called.node, 0, "X") if called.method in TESTING else None
            if node is not None and called.receiver is not None:
                yield called, objects_at(node, called.step)


def is_split(node: ast.expr, step: Step) -> bool:
    """Whether a node is a call that parts data, each part of which comes from its own argument only."""
    return isinstance(node, ast.Call) and step.touches.values[node].elements is not None and path_of(node, step.touches.values) in SPLITS


def join_edges(edges: dict[str, list[Edge]], objects: Iterable[str], edge: Edge) -> None:
    for object in objects:
        if edge.sources - {object}:
            edges.setdefault(object, []).append(edge)


def changes(step: Step) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What a statement puts into parts of what already exists: `df["a"] = x` changes `df`."""
    for node in nodes_of(step.tree):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        for target in targets:
            if isinstance(target, (ast.Subscript, ast.Attribute)) and isinstance(node, (ast.Assign, ast.AugAssign)):
                owner = target.value
                yield (
                    owner.value if isinstance(owner, ast.Attribute) and owner.attr in ("loc", "iloc", "at", "iat") else owner
                ), node.value


def latest(fits: Iterable[Fit], called: Called) -> Fit | None:
    """The last fit of the estimator that a call asks, before that call."""
    asked = called.receiver.objects if called.receiver is not None else frozenset()
    before = [fit for fit in fits if fit.estimators & asked and fit.called.place < called.place]
    return max(before, key=lambda fit: fit.called.place, default=None)
