"""The knowledge of builtins, the standard library, pandas and numpy is held against the libraries themselves.

Every name a rule speaks of exists, every argument stands where the rule says, and of each call that a generic sample or the table SAMPLES can make:
a rule without an update leaves everything as it was, a rule with one changes what it says, a draw moves the generator it names and no other, and
what a rule without `shares` gives back can be overwritten without the arguments noticing.
"""

from __future__ import annotations

import builtins
import collections
import copy
import hashlib
import importlib
import inspect
import io
import itertools
import logging
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
    return load_knowledge.__wrapped__(folder)


# --- names -------------------------------------------------------------------------------------------------------------------

# Names of other versions than the one at hand; and of libraries that need not be installed.
ELSEWHERE = frozenset("""
""".split())
REAL: dict[str, tuple[type, ...]] = {
    "pandas.NDFrame": (pd.DataFrame, pd.Series),
    "pandas.api.typing.Resampler": (type(pd.Series(dtype=float, index=pd.DatetimeIndex([])).resample("D")),),
    "pandas.api.typing.DataFrameGroupBy": (type(pd.DataFrame({"a": [1]}).groupby("a")),),
    "pandas.api.typing.SeriesGroupBy": (type(pd.Series([1]).groupby([1])),),
    "pandas.core.groupby.groupby.BaseGroupBy": (type(pd.DataFrame({"a": [1]}).groupby("a")), type(pd.Series([1]).groupby([1]))),
    "pandas.core.window.rolling.BaseWindow": (type(pd.Series([1]).rolling(1)),),
    "pandas.api.typing.Rolling": (type(pd.Series([1]).rolling(1)),),
    "pandas.core.indexes.accessors.DatetimeProperties": (importlib.import_module("pandas.core.indexes.accessors").CombinedDatetimelikeProperties,),
    "pandas.DatetimeIndex": (pd.DatetimeIndex, pd.PeriodIndex),
    "pandas.DateOffset": (pd.offsets.MonthEnd,),
    "numpy.generic": (np.float64,),
    "numpy.random.BitGenerator": (np.random.PCG64,),
    "numpy.lib.npyio.NpzFile": (importlib.import_module("numpy.lib.npyio").NpzFile,),
    "generator": (type(_ for _ in ()),),
    "iterator": (type(iter([])),),
    "dict_keys": (type({}.keys()),),
    "hashlib.Hash": (type(hashlib.md5()),),
    "tqdm.tqdm": (importlib.import_module("tqdm").tqdm,),
    "logging.Handler": (logging.StreamHandler, logging.FileHandler),
    "_io.TextIOWrapper": (io.TextIOWrapper,),
    "_csv.writer": (importlib.import_module("csv").DictWriter,),
}


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
    return next((file for file in ("pandas", "numpy") if name.startswith(file)), "builtins" if "." not in name or name.startswith(("builtins", "_io")) else "stdlib")


def test_every_function_exists(knowledge: Knowledge) -> None:
    missing = []
    for name in knowledge.functions:
        try:
            find(name.removesuffix(".*"))
        except LookupError:
            missing.append(name)
    assert [name for name in missing if name not in ELSEWHERE] == []


def test_every_method_and_attribute_exists(knowledge: Knowledge) -> None:
    names = [(type, name) for type, name in knowledge.methods if name != "*"]
    names += [(rule.name, name) for rule in knowledge.types.values() for name in rule.attributes if name != "*" and rule.name in {t for t, _ in knowledge.methods}]
    missing = [f"{type}.{name}" for type, name in names if not any(hasattr(real, name) or name in instance_names(real) for real in classes(type))]
    assert [name for name in missing if name not in ELSEWHERE] == []


def instance_names(real: type) -> set[str]:
    """Attributes that only instances have."""
    found = next((set(dir(make())) for type, make in {**RECEIVERS, **LOOKED_AT}.items() if classes(type)[0] is real), set())
    return found


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


# Where versions or the classes behind one type differ, the rule names both ways.
OTHER_PLACES = {"numpy.nanmedian", "numpy.median", "numpy.percentile", "numpy.quantile"}


def test_every_argument_stands_where_its_rule_says(knowledge: Knowledge) -> None:
    wrong = []
    things = [(name, rule, name) for name, rule in knowledge.functions.items() if not name.endswith("*")]
    things += [(f"{type}.{name}", rule, None) for (type, name), rule in knowledge.methods.items() if name != "*"]
    for name, rule, path in things:
        try:
            real = [find(path)] if path else [getattr(c, name.rpartition(".")[2]) for c in classes(name.rpartition(".")[0])]
        except (LookupError, AttributeError):
            continue
        for places in map(positions, real):
            wrong += [(name, a) for a in arguments(rule) if a.name in places and a.position not in (None, places[a.name])]
    assert wrong == []


def test_every_inplace_out_and_random_state_parameter_has_an_update(knowledge: Knowledge) -> None:
    forgotten = []
    for (type, name), rule in knowledge.methods.items():
        for real in classes(type) if type in RECEIVERS or type == "pandas.NDFrame" else ():
            has = set(positions(getattr(real, name, None))) | keyword_only(getattr(real, name, None))
            told = {a.name for a in arguments(rule)} | {t.condition.argument.name for t in rule.updates if t.condition}
            forgotten += [(type, name, key) for key in ("inplace", "out", "random_state") if key in has and key not in told]
    for name, rule in knowledge.functions.items():
        if name.startswith(("numpy.", "pandas.")) and "*" not in name:
            try:
                has = set(positions(find(name))) | keyword_only(find(name))
            except LookupError:
                continue
            forgotten += [(name, key) for key in ("inplace", "out", "random_state") if key in has and key not in {a.name for a in arguments(rule)}]
    assert forgotten == []


def keyword_only(thing: Any) -> set[str]:
    try:
        return {p.name for p in inspect.signature(thing).parameters.values() if p.kind is p.KEYWORD_ONLY}
    except (ValueError, TypeError):
        return set()


# --- sample calls ------------------------------------------------------------------------------------------------------------


def frame() -> pd.DataFrame:
    return pd.DataFrame({"a": [3.0, 1.0, np.nan, 1.0], "b": [4.0, 2.0, 0.5, 2.0]}, index=pd.Index([2, 0, 1, 5], name="key"))


def series() -> pd.Series:
    return pd.Series([3.0, 1.0, np.nan, 1.0], index=pd.Index([2, 0, 1, 5], name="key"), name="a")


def dated() -> pd.Series:
    return pd.Series([3.0, 1.0, 2.0], index=pd.date_range("2024-01-01", periods=3), name="a")


def array() -> np.ndarray:
    return np.array([[3.0, 1.5, 2.0], [0.5, 4.0, 1.0], [2.5, 0.25, 5.0]])


# What a method's receiver may be; two of a type where one alone could not show everything.
RECEIVERS: dict[str, Callable[[], Any]] = {
    "pandas.DataFrame": frame,
    "pandas.Series": series,
    "pandas.Index": lambda: pd.Index([3, 1, 2], name="key"),
    "pandas.MultiIndex": lambda: pd.MultiIndex.from_product([["x", "y"], [1, 2]], names=["p", "q"]),
    "pandas.DatetimeIndex": lambda: pd.date_range("2024-01-01", periods=3, name="day"),
    "pandas.Categorical": lambda: pd.Categorical(["b", "a", "b"]),
    "numpy.ndarray": array,
    "numpy.random.Generator": lambda: np.random.default_rng(1),
    "numpy.random.RandomState": lambda: np.random.RandomState(1),
    "random.Random": lambda: random.Random(1),
    "list": lambda: [[3], [1], [2]],
    "dict": lambda: {"a": [1], "b": [2]},
    "set": lambda: {1, 2, 3},
    "bytearray": lambda: bytearray(b"abc"),
    "collections.deque": lambda: collections.deque([[1], [2], [3]]),
    "collections.Counter": lambda: collections.Counter("aab"),
    "collections.OrderedDict": lambda: collections.OrderedDict(a=[1], b=[2]),
    "str": lambda: "a b",
    "io.StringIO": lambda: io.StringIO("a\nb"),
    "numpy.poly1d": lambda: np.poly1d([1, 2]),
    "hashlib.Hash": lambda: hashlib.md5(b"a"),
}
LOOKED_AT: dict[str, Callable[[], Any]] = {
    "pandas.api.typing.DataFrameGroupBy": lambda: frame().groupby("b"),
    "pandas.api.typing.SeriesGroupBy": lambda: series().groupby([1, 1, 2, 2]),
    "pandas.core.window.rolling.BaseWindow": lambda: series().rolling(2),
    "pandas.api.typing.Resampler": lambda: dated().resample("D"),
    "pandas.core.arrays.categorical.CategoricalAccessor": lambda: pd.Series(["a"], dtype="category").cat,
    "pandas.io.formats.style.Styler": lambda: frame().style,
    "pandas.core.strings.accessor.StringMethods": lambda: pd.Series(["a b", "c"]).str,
    "collections.ChainMap": collections.ChainMap,
    "datetime.tzinfo": lambda: importlib.import_module("datetime").timezone.utc,
    "_io.TextIOWrapper": lambda: io.TextIOWrapper(io.BytesIO()),
    "argparse.Namespace": lambda: importlib.import_module("argparse").Namespace(),
    "sqlite3.Cursor": lambda: importlib.import_module("sqlite3").connect(":memory:").cursor(),
    "zipfile.ZipFile": lambda: importlib.import_module("zipfile").ZipFile(io.BytesIO(), "w"),
    "logging.Logger": lambda: logging.getLogger("sample"),
    "logging.Handler": logging.StreamHandler,
    "csv.DictReader": lambda: importlib.import_module("csv").DictReader(io.StringIO("a\n1")),
    "csv.DictWriter": lambda: importlib.import_module("csv").DictWriter(io.StringIO(), ["a"]),
    "tempfile.TemporaryDirectory": lambda: importlib.import_module("tempfile").TemporaryDirectory(),
    "tqdm.tqdm": lambda: importlib.import_module("tqdm").tqdm([], disable=True),
}
# Arguments for calls that the generic ones do not fit or would not show.
SAMPLES: dict[str, tuple[Any, ...]] = {
    "insert": (0, "c", 1), "list.insert": (0, 9), "bytearray.insert": (0, 9), "collections.deque.insert": (0, 9), "pandas.Index.insert": (0, 9),
    "isetitem": (0, [9.0, 9.0, 9.0, 9.0]), "pop": ("a",), "pandas.Series.pop": (2,), "list.pop": (), "bytearray.pop": (), "set.pop": (), "set.remove": (1,),
    "pandas.DataFrame.update": (frame() + 1,), "pandas.Series.update": (series() + 1,), "drop": (["a"],), "pandas.Series.drop": ([0],),
    "rename": ({"a": "z"},), "pandas.DataFrame.rename": (str, ), "pandas.Series.rename": ("z",), "pandas.Index.rename": ("z",), "rename_axis": ("z",),
    "sort_values": ("a",), "pandas.Series.sort_values": (), "pandas.Categorical.sort_values": (), "fillna": (0,), "replace": (1.0, 9.0), "clip": (2.0, 3.0),
    "where": (frame() > 1,), "mask": (frame() > 1,), "pandas.Series.where": (series() > 1,), "pandas.Series.mask": (series() > 1,),
    "set_index": ("a",), "query": ("a > 1",), "eval": ("c = a + b",), "set_axis": (list("wxyz"),), "list.remove": ([1],), "bytearray.remove": (97,),
    "collections.deque.remove": ([1],), "rotate": (1,), "move_to_end": ("a",), "set.discard": (1,), "set.update": ({9},), "symmetric_difference_update": ({9},),
    "difference_update": ({1},), "intersection_update": ({1},), "dict.update": ({"z": 1},), "setdefault": ("z", 1), "collections.Counter.subtract": ("a",),
    "fill": (9.0,), "put": ([0], [9.0]), "partition": (1,), "setflags": (False,), "setfield": (9.0, np.float64), "resize": ((2, 2),),
    "shuffle": ([1, 2, 3, 4, 5, 6, 7],), "choice": ([1, 2, 3],), "choices": ([1, 2, 3],), "sample": ([1, 2, 3], 2), "set_names": ("z",),
    "pandas.DataFrame.sample": (2,), "pandas.Series.sample": (2,), "spawn": (1,), "permuted": (np.arange(9),), "permutation": (9,), "seed": (7,),
    "set_state": (np.random.RandomState(3).get_state(),), "setstate": (random.Random(3).getstate(),), "write": ("z",), "writelines": (["z"],), "seek": (2,),
    "hashlib.Hash.update": (b"z",), "truncate": (1,), "pandas.DataFrame.truncate": (), "pandas.Series.truncate": (), "append": (9,), "extend": ([9],), "add": (9,),
    "rename_categories": (["x", "y"],), "swaplevel": (), "pandas.MultiIndex.set_names": (["u", "v"],), "pandas.MultiIndex.rename": (["u", "v"],),
    "numpy.ndarray.byteswap": (), "pandas.DataFrame.drop_duplicates": ("b",), "io.StringIO.truncate": (1,), "squeeze": (), "itertuples": (),
    "numpy.put": (array(), [0], [9.0]), "numpy.place": (array(), array() > 1, [9.0]), "numpy.putmask": (array(), array() > 1, 9.0),
    "numpy.put_along_axis": (array(), np.array([[0]]), 9.0, 0), "numpy.copyto": (array(), 9.0), "numpy.fill_diagonal": (array(), 9.0),
    "numpy.random.shuffle": (np.arange(9),), "numpy.random.multivariate_normal": ([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]), "multivariate_normal": ([0.0], [[1.0]]),
    "numpy.random.dirichlet": ([1.0, 1.0],), "dirichlet": ([1.0, 1.0],), "numpy.random.multinomial": (5, [0.5, 0.5]), "multinomial": (5, [0.5, 0.5]),
    "hypergeometric": (5, 5, 3), "numpy.random.hypergeometric": (5, 5, 3), "multivariate_hypergeometric": ([5, 5], 3), "triangular": (0.0, 1.0, 2.0),
    "random.Random.triangular": (0.0, 1.0), "numpy.random.triangular": (0.0, 1.0, 2.0), "numpy.random.random_integers": (5,), "random_integers": (5,),
    "numpy.random.zipf": (2.0,), "zipf": (2.0,), "logseries": (0.5,), "numpy.random.logseries": (0.5,), "geometric": (0.5,), "numpy.random.geometric": (0.5,),
    "binomial": (5, 0.5), "numpy.random.binomial": (5, 0.5), "negative_binomial": (5, 0.5), "numpy.random.negative_binomial": (5, 0.5),
    "numpy.random.set_state": (np.random.RandomState(3).get_state(),), "random.setstate": (random.Random(3).getstate(),), "random.seed": (7,),
    "random.shuffle": ([1, 2, 3, 4, 5, 6, 7],), "numpy.random.seed": (7,), "heapq.heappush": ([1, 2], 0), "heapq.heappop": ([1, 2],), "heapq.heapify": ([3, 2, 1],),
    "heapq.heappushpop": ([1, 2], 3), "heapq.heapreplace": ([1, 2], 3), "bisect.insort": ([1, 3], 2), "bisect.insort_left": ([1, 3], 2),
    "bisect.insort_right": ([1, 3], 2), "builtins.next": (iter([1, 2]),), "builtins.sum": ([1, 2],), "builtins.setattr": (Exception(), "a", 1),
    "operator.setitem": ([1], 0, 2), "operator.delitem": ([1], 0), "numpy.random.permutation": (9,), "numpy.random.bytes": (4,), "bytes": (4,),
    "random.randbytes": (4,), "randbytes": (4,), "getrandbits": (9,), "random.getrandbits": (9,), "numpy.median": (array(),), "numpy.nanmedian": (array(),),
    "operator.iadd": ([1], [2]), "operator.iconcat": ([1], [2]), "operator.imul": ([1], 2), "operator.iand": ({1, 2}, {1}), "operator.ior": ({1}, {2}),
    "operator.ixor": ({1}, {2}), "operator.isub": ({1, 2}, {1}), "operator.itruediv": (array(), 2.0), "operator.ifloordiv": (array(), 2.0),
    "itertools.tee": (iter([1, 2]),), "pandas.DataFrame.drop": ([0],), "numpy.random.sample": (), "random.randint": (1, 10**9), "random.Random.randint": (1, 10**9),
    "at": (array(), 0, 0.25), "numpy.maximum.at": (array(), 0, 9.0), "numpy.negative.at": (array(), 0), "numpy.bitwise_or.at": (np.array([3]), 0, 4),
    "numpy.bitwise_and.at": (np.array([3]), 0, 4), "numpy.logical_or.at": (np.array([5]), 0, 0), "numpy.logical_and.at": (np.array([5]), 0, 0), "reset_index": (),
    "pandas.DatetimeIndex.rename": ("z",), "integers": (10**9,),
    "randint": (10**9,), "numpy.random.randint": (10**9,), "collections.deque.pop": (), "collections.Counter.update": ("z",),
    "collections.OrderedDict.update": ({"z": 1},), "builtins.delattr": (importlib.import_module("types").SimpleNamespace(a=1), "a"), "io.StringIO.write": ("z",),
}  # fmt: skip
# What must stand beside inplace=True.
WITH_INPLACE = {"pandas.Series.reset_index": {"drop": True}}
# Calls that would wait, ask, write, draw, or end the test; and results that are one and the same immutable thing.
NOT_CALLED = {"builtins.input", "builtins.help", "builtins.open", "time.sleep", "getpass.getpass", "numpy.info", "numpy.lookfor", "numpy.source", "gc.freeze", "gc.disable", "numpy.random.set_bit_generator"}
GENERIC: tuple[tuple[Any, ...], ...] = ((), ("a",), (1,), ([1, 2],), (1, 2), (1.5, 2.5), (1.5, 2.5, 3.5), ("a", "b"), (np.mean,), (frame(),), (series(),), ([0],), ({"a": 1},), (["x"],))
ARRAYS: tuple[tuple[Any, ...], ...] = (
    (array(),), (array(), array()), (array(), 1), (array(), (9,)), (array(), 0, 1), (array(), [0]), (3,), ((3, 3),), (1.5, 2.5, 3), (np.arange(6), np.arange(6)), (np.arange(6), 2),
    (np.arange(4),), ([array(), array()],), (np.arange(4), [0, 2], 7), (array() > 1, array(), array()), ([array() > 1], [array()]), ("2024-01-01",), (np.float64,),
)  # fmt: skip


def state(thing: Any, depth: int = 0) -> Any:
    """Everything of a thing that a user could tell apart."""
    if isinstance(thing, pd.DataFrame):
        return (repr(thing.to_dict("split")), state(thing.index), state(thing.columns), str(thing.dtypes.tolist()), repr(thing.attrs))
    if isinstance(thing, pd.Series):
        return (repr(thing.tolist()), state(thing.index), str(thing.dtype), repr(thing.name))
    if isinstance(thing, (pd.Index, pd.Categorical)):
        return (repr(list(thing)), str(thing.dtype), repr(getattr(thing, "names", None)))
    if isinstance(thing, np.ndarray):
        return (thing.tolist() if thing.dtype == object else thing.tobytes(), thing.shape, str(thing.dtype), thing.flags.writeable)
    if isinstance(thing, np.random.Generator):
        return (repr(thing.bit_generator.state), thing.bit_generator.seed_seq.n_children_spawned)
    if isinstance(thing, np.random.RandomState):
        return (thing.get_state()[1].tobytes(), thing.get_state()[2:])
    if isinstance(thing, io.StringIO):
        return (thing.closed, None if thing.closed else (thing.getvalue(), thing.tell()))
    if isinstance(thing, type(hashlib.md5())):
        return thing.hexdigest()
    if isinstance(thing, (list, tuple, collections.deque)) and depth < 3:
        return [state(part, depth + 1) for part in thing]
    if isinstance(thing, dict) and depth < 3:
        return [(key, state(part, depth + 1)) for key, part in thing.items()]
    try:
        return pickle.dumps(thing)
    except Exception:
        return repr(thing)


def generators() -> dict[str, Any]:
    _, words, *rest = np.random.get_state()
    return {"rng:numpy": (words.tobytes(), rest), "rng:random": random.getstate()}


def overwrite(thing: Any) -> None:
    """Change all that can be changed of a result, in place."""
    if isinstance(thing, (pd.DataFrame, pd.Series)):
        for column in range(thing.shape[1] if thing.ndim == 2 else 1):
            scramble = thing.iloc[::-1, column].tolist() if thing.ndim == 2 else thing.iloc[::-1].tolist()
            where = (slice(None), column) if thing.ndim == 2 else slice(None)
            thing.iloc[where] = [9 if part == part and isinstance(part, float) else part for part in scramble]
    elif isinstance(thing, np.ndarray) and thing.flags.writeable and thing.size:
        thing[...] = thing.flat[0] if thing.dtype.kind not in "biuf" else 77 if thing.dtype.kind != "b" else ~thing
    elif isinstance(thing, (list, collections.deque, bytearray)):
        for part in thing if not isinstance(thing, bytearray) else ():
            overwrite(part)
        thing.clear()
    elif isinstance(thing, (dict, set)):
        thing.clear()
    elif isinstance(thing, tuple):
        for part in thing:
            overwrite(part)


def attempts(name: str, short: str) -> list[tuple[Any, ...]]:
    table = next((SAMPLES[key] for key in (name, short) if key in SAMPLES), None)
    if table is not None:
        return [table]
    return [*ARRAYS, *GENERIC] if name.startswith("numpy.") and "random" not in name else [*GENERIC]


def breaks(name: str, rule: Rule, call: Callable[..., Any], receiver: Callable[[], Any] | None, keywords: dict[str, Any]) -> list[str] | None:
    """What of a rule is not true of the first sample call that works, or None when none does."""
    for sample in attempts(name, name.rpartition(".")[2]):
        thing = receiver() if receiver else None
        given = [copy.copy(a) if hasattr(a, "__next__") else copy.deepcopy(a) for a in sample]
        before, drawn = (state(thing), state(given)), generators()
        try:
            result = call(*([thing] if receiver else []), *given, **keywords)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            continue
        return claims(rule, bool(keywords), (thing, given, result), (before, drawn))
    return None


def claims(rule: Rule, inplace: bool, now: tuple[Any, list[Any], Any], then: tuple[tuple[Any, Any], dict[str, Any]]) -> list[str]:
    (thing, given, result), ((thing_then, given_then), drawn) = now, then
    updates = [t for t in rule.updates if t.condition is None or (inplace and t.condition.argument.name == "inplace")]
    names = {t.argument.name for t in updates if t.argument}
    touched = {t.argument.position for t in updates if t.argument and t.argument.position is not None}
    wrong = []
    if thing is not None and (state(thing) != thing_then) != ("self" in names):
        wrong.append("changes its receiver" if "self" not in names else "leaves its receiver as it was")
    for rank, (argument, old) in enumerate(zip(given, given_then)):
        if state(argument) != old and rank not in touched and "*" not in names:
            wrong.append(f"changes argument {rank}")
        if thing is None and rank == 0 and 0 in touched and state(argument) == old and not hasattr(argument, "__next__") and not isinstance(argument, str):
            wrong.append("leaves argument 0 as it was")
    told = {t.ambient for t in rule.updates if t.ambient and (t.condition is None or not inplace)} | set(rule.sets)
    wrong += [f"{'draws from' if old != now else 'does not draw from'} {name}" for (name, old), now in zip(drawn.items(), generators().values()) if (old != now) != (name in told)]
    if not rule.shares and not inplace and "self" not in names:
        wrong += shares(thing, given, result)
    return wrong


def shares(thing: Any, given: list[Any], result: Any) -> list[str]:
    """Whether overwriting the result shows through in the receiver or an argument."""
    if any(result is part for part in (thing, *given) if not isinstance(part, (str, bytes, int, float, tuple, frozenset, type(None)))):
        return ["gives back what it was given"]
    before = state([thing, given])
    try:
        overwrite(result)
    except (ValueError, TypeError, NotImplementedError, AttributeError):
        return []
    return ["gives back a part of what it was given"] if state([thing, given]) != before else []


def callable_rule(rule: Rule) -> bool:
    return not (rule.writes or any(t.ambient not in ("", "rng:numpy", "rng:random") for t in rule.updates))


@pytest.mark.parametrize("type", RECEIVERS)
def test_the_methods_of_a_type_do_what_their_rules_say(knowledge: Knowledge, type: str) -> None:
    wrong: dict[str, list[str]] = {}
    silent = []
    for name in sorted({name for kind, name in knowledge.methods if kind in knowledge.ancestors(type)}):
        rule, real = knowledge.method(type, name), getattr(classes(type)[0], name, None)
        if rule is None or not callable(real) or not callable_rule(rule):
            continue
        found = breaks(f"{type}.{name}", rule, real, RECEIVERS[type], {})
        if found is None and any(t.argument and t.argument.name == "self" and t.condition is None for t in rule.updates):
            silent.append(name)
        if "inplace" in keyword_only(real) | set(positions(real)):
            inplace = breaks(f"{type}.{name}", rule, real, RECEIVERS[type], {"inplace": True, **WITH_INPLACE.get(f"{type}.{name}", {})})
            silent += [f"{name}(inplace=True)"] if inplace is None else []
            found = (found or []) + [f"with inplace {text}" for text in inplace or []]
        if found:
            wrong[name] = found
    assert (wrong, silent) == ({}, [])


@pytest.mark.parametrize("file", FILES)
def test_functions_do_what_their_rules_say(knowledge: Knowledge, file: str) -> None:
    wrong: dict[str, list[str]] = {}
    silent = []
    skipped = ("os.", "sys.", "logging.", "tempfile.", "gc.", "IPython.", "tqdm.", "urllib.request", "subprocess.", "multiprocessing.", "pandas.read_", "pandas.test", "numpy.test")
    for name, rule in knowledge.functions.items():
        if home(name) != file or name.endswith("*") or name in NOT_CALLED or name.startswith(skipped) or not callable_rule(rule) or rule.reads:
            continue
        try:
            real = find(name)
        except LookupError:
            continue
        found = breaks(name, rule, real, None, {})
        if found is None and any(t.condition is None and (t.ambient or t.argument and t.argument.position == 0) for t in rule.updates):
            silent.append(name)
        if found:
            wrong[name] = found
    assert (wrong, silent) == ({}, [])


OUT: dict[str, tuple[tuple[Any, ...], tuple[int, ...]]] = {
    **dict.fromkeys(("sum", "mean", "std", "max", "argmin", "median"), ((array(), 0), (3,))),
    **dict.fromkeys(("add", "maximum", "dot", "matmul"), ((array(), array()), (3, 3))),
    **dict.fromkeys(("sqrt", "exp", "round"), ((array(),), (3, 3))),
    "clip": ((array(), 1.0, 2.0), (3, 3)),
    "cumsum": ((array(), 0), (3, 3)),
    "take": ((array(), [0, 1], 0), (2, 3)),
    "concatenate": (([array(), array()],), (6, 3)),
    "stack": (([array(), array()],), (2, 3, 3)),
    "percentile": ((array(), 50, 0), (3,)),
    "trace": ((array(),), ()),
}


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
    told = rule is not None and [(t.ambient, t.argument, t.condition and t.condition.given) for t in rule.updates]
    assert (before == fixed, state(own) != state_before, told) == (True, True, [("rng:numpy", None, False), ("", Argument(4, "random_state"), None)])


def test_setting_and_reading_the_working_directory(tmp_path: Path, knowledge: Knowledge) -> None:
    (tmp_path / "deeper").mkdir()
    before = os.getcwd()
    os.chdir(tmp_path / "deeper")
    moved = os.getcwd() != before
    rule, reader = knowledge.function("os.chdir"), knowledge.function("os.getcwd")
    assert (moved, rule and [t.ambient for t in rule.updates], reader and reader.uses) == (True, ["cwd"], ("cwd",))
