"""Receivers and arguments with which the knowledge of builtins, the standard library, pandas and numpy is tried out.

RECEIVERS["pandas.DataFrame"]()     a new frame: gaps, repeated rows, labels out of order, so that every update shows
SAMPLES["pandas.DataFrame.drop"]    ([0],)     the arguments of one call; methods of every type may stand under their bare name
"""

from __future__ import annotations

import collections
import hashlib
import importlib
import io
import logging
import random
import subprocess
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

# Names that some supported versions of Python, pandas and numpy have and others have not.
ELSEWHERE = frozenset("""
    int.is_integer itertools.batched locale.getdefaultlocale numpy.acos numpy.acosh numpy.alltrue numpy.asfarray numpy.asin numpy.asinh
    numpy.astype numpy.atan numpy.atan2 numpy.atanh numpy.bitwise_count numpy.bitwise_invert numpy.bitwise_left_shift
    numpy.bitwise_right_shift numpy.concat numpy.cumproduct numpy.cumulative_prod numpy.cumulative_sum numpy.fix numpy.in1d numpy.isdtype
    numpy.issctype numpy.issubclass_ numpy.lib.npyio.NpzFile.files numpy.linalg.diagonal numpy.linalg.matrix_transpose numpy.lookfor
    numpy.mat numpy.matrix_transpose numpy.matvec numpy.msort numpy.ndarray.itemset numpy.ndarray.mT numpy.ndarray.newbyteorder
    numpy.ndarray.ptp numpy.ndarray.tostring numpy.permute_dims numpy.polynomial.Polynomial.coef numpy.pow numpy.product
    numpy.random.BitGenerator.spawn numpy.random.Generator.spawn numpy.random.set_bit_generator numpy.round_ numpy.row_stack
    numpy.set_string_function numpy.show_runtime numpy.sometrue numpy.source numpy.strings.* numpy.trapezoid numpy.trapz numpy.unique_all
    numpy.unique_counts numpy.unique_inverse numpy.unique_values numpy.unstack numpy.vecdot numpy.vecmat pandas.DataFrame.mad
    pandas.DatetimeIndex.as_unit pandas.DatetimeIndex.unit pandas.ExcelWriter.save pandas.Index.diff pandas.Index.infer_objects
    pandas.Index.round pandas.NDFrame.append pandas.NDFrame.applymap pandas.NDFrame.as_matrix pandas.NDFrame.backfill pandas.NDFrame.bool
    pandas.NDFrame.case_when pandas.NDFrame.first pandas.NDFrame.from_arrow pandas.NDFrame.get_values pandas.NDFrame.is_monotonic
    pandas.NDFrame.iteritems pandas.NDFrame.last pandas.NDFrame.pad pandas.NDFrame.ravel pandas.NDFrame.slice_shift
    pandas.NDFrame.swapaxes pandas.NDFrame.to_gbq pandas.NDFrame.to_iceberg pandas.NDFrame.tshift pandas.NDFrame.view pandas.NamedFunc
    pandas.Series.mad pandas.Timedelta.as_unit pandas.Timedelta.unit pandas.TimedeltaIndex.as_unit pandas.TimedeltaIndex.unit
    pandas.Timestamp.as_unit pandas.Timestamp.unit pandas.api.typing.DataFrameGroupBy.fillna pandas.api.typing.DataFrameGroupBy.kurt
    pandas.api.typing.DataFrameGroupBy.mad pandas.api.typing.Resampler.fillna pandas.api.typing.SeriesGroupBy.fillna
    pandas.api.typing.SeriesGroupBy.kurt pandas.api.typing.SeriesGroupBy.mad pandas.col
    pandas.core.indexes.accessors.DatetimeProperties.as_unit pandas.core.indexes.accessors.DatetimeProperties.unit
    pandas.core.strings.accessor.StringMethods.isascii pandas.core.window.rolling.BaseWindow.first
    pandas.core.window.rolling.BaseWindow.last pandas.core.window.rolling.BaseWindow.nunique pandas.core.window.rolling.BaseWindow.pipe
    pandas.io.formats.style.Styler.applymap pandas.io.formats.style.Styler.applymap_index
    pandas.io.formats.style.Styler.format_index_names pandas.io.formats.style.Styler.hide_columns
    pandas.io.formats.style.Styler.hide_index pandas.io.formats.style.Styler.map pandas.io.formats.style.Styler.map_index
    pandas.io.formats.style.Styler.render pandas.io.formats.style.Styler.set_na_rep pandas.io.formats.style.Styler.set_precision
    pandas.io.formats.style.Styler.to_typst pandas.read_gbq pandas.read_iceberg pandas.value_counts pathlib.Path.walk
    pathlib.PurePath.full_match pathlib.PurePath.with_segments random.binomialvariate tomllib.load tomllib.loads
    """.split())


def frame() -> pd.DataFrame:
    return pd.DataFrame({"a": [3.0, 1.0, np.nan, 1.0], "b": [4.0, 2.0, 0.5, 2.0]}, index=pd.Index([2, 0, 1, 5], name="key"))


def series() -> pd.Series:
    return pd.Series([3.0, 1.0, np.nan, 1.0], index=pd.Index([2, 0, 1, 5], name="key"), name="a")


def dated() -> pd.Series:
    return pd.Series([3.0, 1.0, 2.0], index=pd.date_range("2024-01-01", periods=3), name="a")


def array() -> np.ndarray:
    return np.array([[3.0, 1.5, 2.0], [0.5, 4.0, 1.0], [2.5, 0.25, 5.0]])


# The real classes behind types whose name is not where they live, or that stand for several.
REAL: dict[str, tuple[type, ...]] = {
    "pandas.NDFrame": (pd.DataFrame, pd.Series),
    "pandas.api.typing.Resampler": (type(pd.Series(dtype=float, index=pd.DatetimeIndex([])).resample("D")),),
    "pandas.api.typing.DataFrameGroupBy": (type(pd.DataFrame({"a": [1]}).groupby("a")),),
    "pandas.api.typing.SeriesGroupBy": (type(pd.Series([1]).groupby([1])),),
    "pandas.core.groupby.groupby.BaseGroupBy": (type(pd.DataFrame({"a": [1]}).groupby("a")), type(pd.Series([1]).groupby([1]))),
    "pandas.core.window.rolling.BaseWindow": (type(pd.Series([1]).rolling(1)),),
    "pandas.api.typing.Rolling": (type(pd.Series([1]).rolling(1)),),
    "pandas.core.indexes.accessors.DatetimeProperties": (
        importlib.import_module("pandas.core.indexes.accessors").CombinedDatetimelikeProperties,
    ),
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

# What a method's receiver may be; two of a type where one alone could not show everything.
RECEIVERS: dict[str, Callable[[], Any]] = {
    "pandas.DataFrame": frame,
    "pandas.Series": series,
    "pandas.core.frame.DataFrame": lambda: dated().to_frame(),
    "pandas.core.series.Series": dated,
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


# Instances looked at for the attributes that their class does not show.
def ended_process() -> Any:
    """A process that has come to its end."""
    with subprocess.Popen(["true"]) as process:
        return process


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
    "subprocess.Popen": ended_process,
    "logging.Logger": lambda: logging.getLogger("sample"),
    "logging.Handler": logging.StreamHandler,
    "csv.DictReader": lambda: importlib.import_module("csv").DictReader(io.StringIO("a\n1")),
    "csv.DictWriter": lambda: importlib.import_module("csv").DictWriter(io.StringIO(), ["a"]),
    "tempfile.TemporaryDirectory": lambda: importlib.import_module("tempfile").TemporaryDirectory(),
    "tqdm.tqdm": lambda: importlib.import_module("tqdm").tqdm([], disable=True),
}
# Receivers on which not every update shows, for methods that want dates.
ONLY_DATES = {"pandas.core.frame.DataFrame", "pandas.core.series.Series"}
# What must stand beside inplace=True.
WITH_INPLACE = {"pandas.Series.reset_index": {"drop": True}}

# fmt: off
# Arguments for calls that the generic ones do not fit or would not show.
SAMPLES: dict[str, tuple[Any, ...]] = {
    "insert": (0, "c", 1), "list.insert": (0, 9), "bytearray.insert": (0, 9), "collections.deque.insert": (0, 9),
    "pandas.Index.insert": (0, 9), "isetitem": (0, [9.0, 9.0, 9.0, 9.0]), "pop": ("a",), "pandas.Series.pop": (2,), "list.pop": (),
    "bytearray.pop": (), "set.pop": (), "set.remove": (1,), "pandas.DataFrame.update": (frame() + 1,),
    "pandas.Series.update": (series() + 1,), "drop": (["a"],), "pandas.Series.drop": ([0],), "rename": ({"a": "z"},),
    "pandas.DataFrame.rename": (str, ), "pandas.Series.rename": ("z",), "pandas.Index.rename": ("z",), "rename_axis": ("z",),
    "sort_values": ("a",), "pandas.Series.sort_values": (), "pandas.Categorical.sort_values": (), "fillna": (0,), "replace": (1.0, 9.0),
    "clip": (2.0, 3.0), "where": (frame() > 1,), "mask": (frame() > 1,), "pandas.Series.where": (series() > 1,),
    "pandas.Series.mask": (series() > 1,), "set_index": ("a",), "query": ("a > 1",), "eval": ("c = a + b",), "set_axis": (list("wxyz"),),
    "list.remove": ([1],), "bytearray.remove": (97,), "collections.deque.remove": ([1],), "rotate": (1,), "move_to_end": ("a",),
    "set.discard": (1,), "set.update": ({9},), "symmetric_difference_update": ({9},), "difference_update": ({1},),
    "intersection_update": ({1},), "dict.update": ({"z": 1},), "setdefault": ("z", 1), "collections.Counter.subtract": ("a",),
    "fill": (9.0,), "put": ([0], [9.0]), "partition": (1,), "setflags": (False,), "setfield": (9.0, np.float64), "resize": ((2, 2),),
    "shuffle": ([1, 2, 3, 4, 5, 6, 7],), "choice": ([1, 2, 3],), "choices": ([1, 2, 3],), "sample": ([1, 2, 3], 2), "set_names": ("z",),
    "pandas.DataFrame.sample": (2,), "pandas.Series.sample": (2,), "spawn": (1,), "permuted": (np.arange(9),), "permutation": (9,),
    "seed": (7,), "set_state": (np.random.RandomState(3).get_state(),), "setstate": (random.Random(3).getstate(),), "write": ("z",),
    "writelines": (["z"],), "seek": (2,), "hashlib.Hash.update": (b"z",), "truncate": (1,), "pandas.DataFrame.truncate": (),
    "pandas.Series.truncate": (), "append": (9,), "extend": ([9],), "add": (9,), "rename_categories": (["x", "y"],), "swaplevel": (),
    "pandas.MultiIndex.set_names": (["u", "v"],), "pandas.MultiIndex.rename": (["u", "v"],), "numpy.ndarray.byteswap": (),
    "pandas.DataFrame.drop_duplicates": ("b",), "io.StringIO.truncate": (1,), "squeeze": (), "itertuples": (),
    "numpy.put": (array(), [0], [9.0]), "numpy.place": (array(), array() > 1, [9.0]), "numpy.putmask": (array(), array() > 1, 9.0),
    "numpy.put_along_axis": (array(), np.array([[0]]), 9.0, 0), "numpy.copyto": (array(), 9.0), "numpy.fill_diagonal": (array(), 9.0),
    "numpy.random.shuffle": (np.arange(9),), "numpy.random.multivariate_normal": ([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]),
    "multivariate_normal": ([0.0], [[1.0]]), "numpy.random.dirichlet": ([1.0, 1.0],), "dirichlet": ([1.0, 1.0],),
    "numpy.random.multinomial": (5, [0.5, 0.5]), "multinomial": (5, [0.5, 0.5]), "hypergeometric": (5, 5, 3),
    "numpy.random.hypergeometric": (5, 5, 3), "multivariate_hypergeometric": ([5, 5], 3), "triangular": (0.0, 1.0, 2.0),
    "random.Random.triangular": (0.0, 1.0), "numpy.random.triangular": (0.0, 1.0, 2.0), "numpy.random.random_integers": (5,),
    "random_integers": (5,), "numpy.random.zipf": (2.0,), "zipf": (2.0,), "logseries": (0.5,), "numpy.random.logseries": (0.5,),
    "geometric": (0.5,), "numpy.random.geometric": (0.5,), "binomial": (5, 0.5), "numpy.random.binomial": (5, 0.5),
    "negative_binomial": (5, 0.5), "numpy.random.negative_binomial": (5, 0.5),
    "numpy.random.set_state": (np.random.RandomState(3).get_state(),), "random.setstate": (random.Random(3).getstate(),),
    "random.seed": (7,), "random.shuffle": ([1, 2, 3, 4, 5, 6, 7],), "numpy.random.seed": (7,), "heapq.heappush": ([1, 2], 0),
    "heapq.heappop": ([1, 2],), "heapq.heapify": ([3, 2, 1],), "heapq.heappushpop": ([1, 2], 3), "heapq.heapreplace": ([1, 2], 3),
    "bisect.insort": ([1, 3], 2), "bisect.insort_left": ([1, 3], 2), "bisect.insort_right": ([1, 3], 2), "builtins.next": (iter([1, 2]),),
    "builtins.sum": ([1, 2],), "builtins.setattr": (Exception(), "a", 1), "operator.setitem": ([1], 0, 2), "operator.delitem": ([1], 0),
    "numpy.random.permutation": (9,), "numpy.random.bytes": (4,), "bytes": (4,), "random.randbytes": (4,), "randbytes": (4,),
    "random.sample": ([1, 2, 3], 2), "numpy.random.choice": ([1, 2, 3],), "getrandbits": (9,), "random.getrandbits": (9,),
    "numpy.median": (array(),), "numpy.nanmedian": (array(),), "operator.iadd": ([1], [2]), "operator.iconcat": ([1], [2]),
    "operator.imul": ([1], 2), "operator.iand": ({1, 2}, {1}), "operator.ior": ({1}, {2}), "operator.ixor": ({1}, {2}),
    "operator.isub": ({1, 2}, {1}), "operator.itruediv": (array(), 2.0), "operator.ifloordiv": (array(), 2.0),
    "itertools.tee": (iter([1, 2]),), "pandas.DataFrame.drop": ([0],), "numpy.random.sample": (), "random.randint": (1, 10**9),
    "random.Random.randint": (1, 10**9),
    **{f"numpy.{name}.at": (array(), 0, 0.25) for name in ("add", "subtract", "multiply", "divide", "minimum")},
    "numpy.maximum.at": (array(), 0, 9.0), "numpy.negative.at": (array(), 0), "numpy.bitwise_or.at": (np.array([3]), 0, 4),
    "numpy.bitwise_and.at": (np.array([3]), 0, 4), "numpy.logical_or.at": (np.array([5]), 0, 0),
    "numpy.logical_and.at": (np.array([5]), 0, 0), "reset_index": (), "pandas.DatetimeIndex.rename": ("z",), "integers": (10**9,),
    "randint": (10**9,), "numpy.random.randint": (10**9,), "collections.deque.pop": (), "collections.Counter.update": ("z",),
    "collections.OrderedDict.update": ({"z": 1},), "builtins.delattr": (importlib.import_module("types").SimpleNamespace(a=1), "a"),
    "io.StringIO.write": ("z",), "astype": (object,), "pandas.Categorical.astype": (str,), "nlargest": (1, "a"),
    "pandas.Series.nlargest": (1,), "nsmallest": (1, "a"), "pandas.Series.nsmallest": (1,), "join": (frame().add_suffix("2"),),
    "pandas.Index.join": (pd.Index([1, 9]),), "str.join": (["a", "b"],), "transform": (np.abs,), "select_dtypes": ("number",),
    "combine": (frame(), np.add), "pandas.Series.combine": (series(), np.add), "asof": (5,), "at_time": ("00:00",),
    "between_time": ("00:00", "23:00"), "resample": ("D",), "asfreq": ("D",), "to_period": ("D",), "tz_localize": ("UTC",),
    "pandas.MultiIndex.drop": ([("x", 1)],), "droplevel": (0,), "pivot": (), "pandas.Index.append": (pd.Index([7]),),
    "pandas.Index.where": ([True, False, True],), "pandas.Index.putmask": ([True, False, True], 9), "pandas.Index.sort_values": (),
    "pandas.Index.drop": ([1],), "pandas.Index.get_level_values": (0,), "pandas.MultiIndex.get_level_values": ("p",),
    "pandas.DatetimeIndex.get_level_values": (0,), "pandas.DatetimeIndex.sort_values": (), "pandas.MultiIndex.sort_values": (),
    "floor": ("D",), "ceil": ("D",), "pandas.DatetimeIndex.round": ("D",), "as_unit": ("s",), "snap": ("D",),
    "set_codes": ([[0, 0, 1, 1], [1, 1, 0, 0]],), "set_levels": ([["u", "v"], [3, 4]],), "choose": ([array(), array(), array()],),
    "numpy.ndarray.swapaxes": (0, 1), "numpy.squeeze": (array()[None],), "numpy.append": (array(), 1.0), "numpy.insert": (array(), 0, 1.0),
    "numpy.apply_along_axis": (np.cumsum, 0, array()), "numpy.apply_over_axes": (np.sum, array(), 0), "numpy.partition": (array(), 1),
    "numpy.resize": (array(), (2, 2)), "numpy.einsum": ("ij->ji", array()), "numpy.clip": (array(), 1.0, 2.0),
    "numpy.interp": ([1.0], [0.0, 2.0], [0.0, 4.0]), "numpy.polyfit": (np.arange(4), np.arange(4), 1),
    "numpy.random.Generator": (np.random.PCG64(1),), "pandas.concat": ([frame(), frame()],), "pandas.merge": (frame(), frame()),
    "pandas.cut": (series(), 2), "pandas.qcut": (series(), 2), "pandas.crosstab": (series(), series()),
    "pandas.pivot_table": (frame(), "a", "b"), "pandas.lreshape": (frame(), {"c": ["a", "b"]}),
    "pandas.merge_asof": (dated().reset_index(), dated().reset_index()), "pandas.merge_ordered": (frame(), frame()),
    "pandas.array": ([1, 2],), "pandas.Index": ([1, 2],), "pandas.MultiIndex.from_product": ([["x"], [1]],),
    "pandas.Categorical.from_codes": ([0, 1], ["a", "b"]), "heapq.nlargest": (1, [1, 2]), "re.sub": ("a", "b", "c"),
    "itertools.combinations": ([1, 2], 2), "itertools.islice": ([1, 2], 1), "operator.add": ([1], [2]), "operator.getitem": ([[1]], 0),
    "builtins.getattr": ([1], "copy"),
}
# Calls that would wait, ask, write or end the test.
NOT_CALLED = {
    "builtins.input", "builtins.help", "builtins.open", "time.sleep", "getpass.getpass", "numpy.info", "numpy.lookfor", "numpy.source",
    "gc.freeze", "gc.disable", "numpy.random.set_bit_generator",
}
SKIPPED = (
    "os.", "sys.", "logging.", "tempfile.", "gc.", "IPython.", "tqdm.", "urllib.request", "subprocess.", "multiprocessing.",
    "pandas.read_", "pandas.test", "numpy.test",
)
GENERIC: tuple[tuple[Any, ...], ...] = (
    (), ("a",), (1,), ([1, 2],), (1, 2), (1.5, 2.5), (1.5, 2.5, 3.5), ("a", "b"), (np.mean,), (frame(),), (series(),), ([0],), ({"a": 1},),
    (["x"],),
)
ARRAYS: tuple[tuple[Any, ...], ...] = (
    (array(),), (array(), array()), (array(), 1), (array(), (9,)), (array(), 0, 1), (array(), [0]), (3,), ((3, 3),), (1.5, 2.5, 3),
    (np.arange(6), np.arange(6)), (np.arange(6), 2), (np.arange(4),), ([array(), array()],), (np.arange(4), [0, 2], 7),
    (array() > 1, array(), array()), ([array() > 1], [array()]), ("2024-01-01",), (np.float64,),
)
# fmt: on
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
