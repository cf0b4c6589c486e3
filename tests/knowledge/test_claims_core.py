"""The knowledge of builtins, the standard library, pandas and numpy is held against the libraries themselves.

Every name a rule speaks of exists, every argument stands where the rule says, and of each call that a sample can make: a rule without an
update leaves everything as it was, a rule with one changes what it says, a draw moves the generator it names and no other, and what a rule
without `shares` gives back can be overwritten without the arguments noticing.
"""

from __future__ import annotations

import builtins
import collections
import copy
import hashlib
import importlib
import inspect
import io
import os
import pickle
import random
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from claims_samples import (
    ARRAYS,
    ELSEWHERE,
    GENERIC,
    LOOKED_AT,
    NOT_CALLED,
    ONLY_DATES,
    OUT,
    REAL,
    RECEIVERS,
    SAMPLES,
    SKIPPED,
    WITH_INPLACE,
    frame,
)

from nb2prod.knowledge import Argument, Knowledge, Rule, load_knowledge
from nb2prod.knowledge.load import FOLDER

FILES = ("builtins", "stdlib", "pandas", "numpy")


@pytest.fixture(autouse=True)
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """The rules of the four files alone."""
    folder = tmp_path_factory.mktemp("core")
    for name in FILES:
        (folder / f"{name}.toml").write_bytes((FOLDER / f"{name}.toml").read_bytes())
    return load_knowledge(folder)


# --- names -------------------------------------------------------------------------------------------------------------------


def find(path: str) -> Any:
    """The thing behind a dotted path.

    Raises:
        LookupError: there is none.
    """
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            thing: Any = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        try:
            for part in parts[cut:]:
                thing = getattr(thing, part)
        except AttributeError:
            break
        return thing
    raise LookupError(path)


def classes(type: str) -> tuple[type, ...]:
    """The real classes a declared type stands for."""
    if type in REAL:
        return REAL[type]
    return (getattr(builtins, type) if hasattr(builtins, type) else find(type),)


def home(name: str) -> str:
    """The file a function's rule stands in."""
    return name.partition(".")[0] if name.startswith(("pandas.", "numpy.", "builtins.")) else "stdlib"


def test_every_function_exists(knowledge: Knowledge) -> None:
    missing = []
    for name in knowledge.functions:
        try:
            find(name.removesuffix(".*"))
        except LookupError:
            missing.append(name)
    assert [name for name in missing if name not in ELSEWHERE] == []


def test_every_method_and_attribute_exists(knowledge: Knowledge) -> None:
    with_methods = {type for type, _ in knowledge.methods}
    names = [(type, name) for type, name in knowledge.methods if not name.startswith("progress_")]
    names += [(type, name) for type in with_methods & set(knowledge.types) for name in knowledge.types[type].attributes if name != "*"]
    missing = {f"{type}.{name}" for type, name in names if not any(hasattr(c, name) or name in instance_names(c) for c in classes(type))}
    assert sorted(missing - ELSEWHERE) == []


def instance_names(real: type) -> set[str]:
    """Attributes that only instances have."""
    return next((set(dir(make())) for type, make in {**RECEIVERS, **LOOKED_AT}.items() if classes(type)[0] is real), set())


def positions(thing: Any) -> dict[str, int]:
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (ValueError, TypeError):
        return {}
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names = names[1:] if names[:1] in (["self"], ["cls"]) else names
    return {} if any(p.kind is p.VAR_POSITIONAL for p in parameters) else {name: rank for rank, name in enumerate(names)}


def arguments(rule: Rule) -> list[Argument]:
    found = [*rule.stores, *rule.shares, *(r.argument for r in (*rule.reads, *rule.writes)), *(t.argument for t in rule.updates)]
    found += [t.condition.argument for t in rule.updates if t.condition]
    return [argument for argument in found if argument is not None and argument.name not in ("self", "*")]


def test_every_argument_stands_where_its_rule_says(knowledge: Knowledge) -> None:
    wrong = []
    things = [("", name, rule) for name, rule in knowledge.functions.items() if not name.endswith("*")]
    things += [(type, name, rule) for (type, name), rule in knowledge.methods.items()]
    for type, name, rule in things:
        try:
            real = [getattr(c, name) for c in classes(type)] if type else [find(name)]
        except (LookupError, AttributeError):
            continue
        for places in map(positions, real):
            wrong += [(type, name, a) for a in arguments(rule) if a.name in places and a.position not in (None, places[a.name])]
    assert wrong == []


def test_every_inplace_out_and_random_state_parameter_has_an_update(knowledge: Knowledge) -> None:
    things = [(f"{t}.{n}", getattr(c, n, None), r) for (t, n), r in knowledge.methods.items() if t in CHECKED for c in classes(t)]
    for name, rule in knowledge.functions.items():
        if name.startswith(("numpy.", "pandas.")) and not name.endswith("*") and name not in ELSEWHERE:
            things.append((name, find(name), rule))
    forgotten = []
    for name, real, rule in things:
        has = {"inplace", "out", "random_state"} & (set(positions(real)) | keyword_only(real))
        forgotten += [(name, key) for key in has - {a.name for a in arguments(rule)}]
    assert forgotten == []


def keyword_only(thing: Any) -> set[str]:
    try:
        return {p.name for p in inspect.signature(thing).parameters.values() if p.kind is p.KEYWORD_ONLY}
    except (ValueError, TypeError):
        return set()


# --- sample calls ------------------------------------------------------------------------------------------------------------

CHECKED = {*RECEIVERS, "pandas.NDFrame"}
# How to see everything of a thing that a user could tell apart, by its class.
STATES: dict[Any, Callable[[Any], Any]] = {
    pd.DataFrame: lambda f: (repr(f.to_dict("split")), state(f.index), state(f.columns), str(f.dtypes.tolist()), repr(f.attrs)),
    pd.Series: lambda s: (repr(s.tolist()), state(s.index), str(s.dtype), repr(s.name)),
    (pd.Index, pd.Categorical): lambda i: (repr(list(i)), str(i.dtype), repr(getattr(i, "names", None))),
    np.ndarray: lambda a: (a.tolist() if a.dtype == object else a.tobytes(), a.shape, str(a.dtype), a.flags.writeable),
    np.random.Generator: lambda g: (repr(g.bit_generator.state), g.bit_generator.seed_seq.n_children_spawned),
    np.random.RandomState: lambda r: (r.get_state()[1].tobytes(), r.get_state()[2:]),
    io.StringIO: lambda s: (s.closed, None if s.closed else (s.getvalue(), s.tell())),
    type(hashlib.md5()): lambda h: h.hexdigest(),
    (list, tuple, collections.deque): lambda c: [state(part) for part in c],
    dict: lambda d: [(key, state(part)) for key, part in d.items()],
}


def state(thing: Any) -> Any:
    """Everything of a thing that a user could tell apart."""
    seen = next((see for kind, see in STATES.items() if isinstance(thing, kind)), None)
    try:
        return seen(thing) if seen else pickle.dumps(thing)
    except (TypeError, AttributeError, pickle.PicklingError, RecursionError):
        return repr(thing)


def generators() -> dict[str, Any]:
    _, words, *rest = np.random.get_state()
    return {"rng:numpy": (words.tobytes(), rest), "rng:random": random.getstate()}


def overwrite(thing: Any) -> None:
    """Change all that can be changed of a result, in place."""
    if isinstance(thing, pd.DataFrame):
        for column in range(thing.shape[1]):
            thing.iloc[:, column] = others(thing.iloc[::-1, column])
    elif isinstance(thing, pd.Series):
        thing.iloc[:] = others(thing.iloc[::-1])
    elif isinstance(thing, np.ndarray) and thing.flags.writeable and thing.size:
        thing[...] = ~thing if thing.dtype.kind == "b" else 77 if thing.dtype.kind in "iuf" else thing.flat[0]
    elif isinstance(thing, (list, tuple, collections.deque)):
        for part in thing:
            overwrite(part)
    if isinstance(thing, (list, collections.deque, bytearray, dict, set)):
        thing.clear()


def others(column: pd.Series) -> list[Any]:
    return [9.0 if isinstance(part, float) and part == part else part for part in column.tolist()]


def attempts(name: str, method: bool) -> list[tuple[Any, ...]]:
    """The arguments to try: a method's sample may stand under its bare name."""
    keys = (name, name.replace("pandas.core.frame.", "pandas.").replace("pandas.core.series.", "pandas."), name.rpartition(".")[2])
    table = next((SAMPLES[key] for key in keys[: 3 if method else 1] if key in SAMPLES), None)
    if table is not None:
        return [table]
    return [*ARRAYS, *GENERIC] if name.startswith("numpy.") and "random" not in name else [*GENERIC]


def breaks(name: str, rule: Rule, call: Callable[..., Any], receiver: Callable[[], Any] | None, **keywords: Any) -> list[str] | None:
    """What of a rule is not true of the first sample call that works, or None when none does."""
    for sample in attempts(name, receiver is not None):
        thing = receiver() if receiver else None
        given = [copy.copy(a) if hasattr(a, "__next__") else copy.deepcopy(a) for a in sample]
        before = (state(thing), state(given), generators())
        try:
            result = call(*([thing] if receiver else []), *given, **keywords)
        except (Exception, SystemExit):
            continue
        after = (state(thing), state(given), generators())
        names = {t.argument.name for t in rule.updates if t.argument and (t.condition is None or t.condition.argument.name in keywords)}
        wrong = (
            []
            if (before[0] != after[0]) == ("self" in names)
            else ["changes its receiver" if before[0] != after[0] else "leaves its receiver as it was"]
        )
        wrong += wrong_arguments(rule, given, before[1], after[1], receiver is None)
        wrong += wrong_draws(rule, before[2], after[2])
        return wrong if rule.shares or "self" in names else wrong + shared(thing, given, result)
    return None


def wrong_arguments(rule: Rule, given: list[Any], before: list[Any], after: list[Any], must: bool) -> list[str]:
    """Arguments changed though no rule says so; with `must`, also the first one left as it was though a rule says it changes."""
    sure = {t.argument for t in rule.updates if t.argument and t.condition is None}
    touched = set(range(len(given))) if Argument(None, "*") in sure else {a.position for a in sure}
    wrong = [f"changes argument {rank}" for rank in range(len(given)) if before[rank] != after[rank] and rank not in touched]
    still = (
        must and 0 in touched and given and before[0] == after[0] and not isinstance(given[0], str) and not hasattr(given[0], "__next__")
    )
    return wrong + (["leaves argument 0 as it was"] if still else [])


def wrong_draws(rule: Rule, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    told = {t.ambient for t in rule.updates} | set(rule.sets)
    return [f"{'draws' if before[g] != after[g] else 'does not draw'} from {g}" for g in before if (before[g] != after[g]) != (g in told)]


def shared(thing: Any, given: list[Any], result: Any) -> list[str]:
    """Whether overwriting the result shows through in the receiver or an argument."""
    if any(result is part for part in (thing, *given) if not isinstance(part, (str, bytes, int, float, tuple, frozenset, type(None)))):
        return ["gives back what it was given"]
    before = state([thing, given])
    try:
        overwrite(result)
    except (ValueError, TypeError, NotImplementedError, AttributeError):
        return []
    return ["gives back a part of what it was given"] if state([thing, given]) != before else []


def in_memory(rule: Rule) -> bool:
    """Whether a rule's calls touch nothing but objects and random numbers."""
    return not (rule.writes or any(t.ambient not in ("", "rng:numpy", "rng:random") for t in rule.updates))


@pytest.mark.parametrize("type", RECEIVERS)
def test_the_methods_of_a_type_do_what_their_rules_say(knowledge: Knowledge, type: str) -> None:
    wrong: dict[str, list[str]] = {}
    silent = []
    for name in sorted({name for kind, name in knowledge.methods if kind in knowledge.ancestors(type)}):
        rule, real = knowledge.method(type, name), getattr(classes(type)[0], name, None)
        if rule is None or not callable(real) or not in_memory(rule):
            continue
        found = breaks(f"{type}.{name}", rule, real, RECEIVERS[type])
        if found is None and any(t.argument and t.argument.name == "self" and t.condition is None for t in rule.updates):
            silent.append(name)
        wrong[name] = found or []
        if "inplace" in keyword_only(real) | set(positions(real)):
            found = breaks(f"{type}.{name}", rule, real, RECEIVERS[type], inplace=True, **WITH_INPLACE.get(f"{type}.{name}", {}))
            silent += [f"{name}(inplace=True)"] if found is None else []
            wrong[f"{name}(inplace=True)"] = found or []
    if type in ONLY_DATES:
        silent, wrong = [], {name: [text for text in texts if "leaves" not in text] for name, texts in wrong.items()}
    assert ({name: texts for name, texts in wrong.items() if texts}, silent) == ({}, [])


@pytest.mark.parametrize("file", FILES)
def test_functions_do_what_their_rules_say(knowledge: Knowledge, file: str) -> None:
    wrong: dict[str, list[str]] = {}
    silent = []
    for name, rule in knowledge.functions.items():
        if (
            home(name) != file
            or name.endswith("*")
            or name in NOT_CALLED | ELSEWHERE
            or name.startswith(SKIPPED)
            or not in_memory(rule)
            or rule.reads
        ):
            continue
        found = breaks(name, rule, find(name), None)
        if found is None and any(t.condition is None and (t.ambient or t.argument and t.argument.position == 0) for t in rule.updates):
            silent.append(name)
        wrong[name] = found or []
    assert ({name: texts for name, texts in wrong.items() if texts}, silent) == ({}, [])


@pytest.mark.parametrize("name", OUT)
def test_out_is_filled_and_given_back(knowledge: Knowledge, name: str) -> None:
    sample, shape = OUT[name]
    rule = knowledge.function(f"numpy.{name}")
    filled = np.full(shape, -1, dtype=np.intp if name == "argmin" else float)
    result = getattr(np, name)(*sample, out=filled)
    assert rule is not None
    told = ("out" in {t.argument.name for t in rule.updates if t.argument}, "out" in {a.name for a in rule.shares})
    assert (result is filled, bool((filled != -1).all()), told) == (True, True, (True, True))


def test_sample_draws_from_its_random_state_or_else_from_the_global_generator(knowledge: Knowledge) -> None:
    rule = knowledge.method("pandas.DataFrame", "sample")
    before = generators()["rng:numpy"]
    frame().sample(2, random_state=1)
    fixed = generators()["rng:numpy"]
    own = np.random.RandomState(5)
    state_before = state(own)
    frame().sample(2, random_state=own)
    told = [(t.ambient, t.argument, t.condition and t.condition.given) for t in rule.updates] if rule else []
    assert told == [("rng:numpy", None, False), ("", Argument(4, "random_state"), None)]
    assert (before == fixed, state(own) != state_before) == (True, True)


def test_setting_and_reading_the_working_directory(tmp_path: Path, knowledge: Knowledge) -> None:
    (tmp_path / "deeper").mkdir()
    before = os.getcwd()
    os.chdir(tmp_path / "deeper")
    moved = os.getcwd() != before
    rule, reader = knowledge.function("os.chdir"), knowledge.function("os.getcwd")
    assert (moved, rule and [t.ambient for t in rule.updates], reader and reader.uses) == (True, ["cwd"], ("cwd",))
