"""What methods and functions do with the rows of a table, as words: the code of a stage is read by these alone.

df["age"].fillna(0)        ELEMENTWISE: every row by itself           df["age"].mean()     SUMMARIES: one value, whatever the order
df.drop_duplicates()       PICKING: some of the rows                  df["age"].shift(1)   ALONG: a value for each row, from others
"""

from __future__ import annotations

TABLES = ("pandas.DataFrame", "pandas.Series")
PLAIN_TYPES = ("bool", "int", "float", "str", "path", "date", "list", "dict", "tuple", "set", "none", "numpy.int64", "numpy.float64")
ACCESSORS = {"str", "dt", "cat"}
NOT_OF_ACCESSORS = {"cat", "get_dummies", "tz_localize"}  # `.str.cat` puts rows together

ELEMENTWISE = {
    *(
        "abs",
        "add",
        "astype",
        "between",
        "clip",
        "copy",
        "div",
        "eq",
        "fillna",
        "floordiv",
        "ge",
        "gt",
        "isin",
        "isna",
        "isnull",
        "le",
        "lt",
    ),
    *("mask", "mod", "mul", "ne", "notna", "notnull", "pow", "replace", "round", "sub", "to_frame", "truediv", "where"),
}
ALONG = {"bfill", "cummax", "cummin", "cumprod", "cumsum", "diff", "ffill", "interpolate", "pct_change", "rank", "shift"}
WINDOWS = {"ewm", "expanding", "rolling"}
SUMMARIES = {"all", "any", "count", "describe", "max", "mean", "median", "min", "nunique", "quantile", "std", "sum", "value_counts", "var"}
OF_GROUPS = {"all", "any", "count", "max", "mean", "median", "min", "nunique", "quantile", "size", "std", "sum", "var"}
PICKING = {"drop_duplicates", "dropna", "head", "nlargest", "nsmallest", "query", "tail"}
SORTING = {"sort_index", "sort_values"}
UNTIED = {"nlargest", "nsmallest", "sort_values", "value_counts"}  # what is alike comes in any order
OF_SUMMARIES = {"astype", "fillna", "item", "rename", "round", "sort_index", "sort_values", "to_frame", "unstack"}
NOT_COLUMNS = {
    "T",
    "at",
    "attrs",
    "axes",
    "dtypes",
    "empty",
    "flags",
    "iat",
    "iloc",
    "index",
    "loc",
    "name",
    "ndim",
    "plot",
    "size",
    "style",
    "values",
}

FUNCTIONS = {  # of libraries, elementwise
    *(f"numpy.{name}" for name in ("abs", "ceil", "cos", "exp", "expm1", "floor", "isnan", "log", "log10", "log1p", "log2", "maximum")),
    *(f"numpy.{name}" for name in ("minimum", "round", "sign", "sin", "sqrt", "square", "tan", "where")),
    *(f"pandas.{name}" for name in ("isna", "isnull", "notna", "notnull", "to_numeric")),
}
SUMMING = {
    *(f"numpy.{name}" for name in ("max", "mean", "median", "min", "percentile", "quantile", "std", "sum", "var")),
    "len",
}
OF_NUMBERS = {"abs", "bool", "float", "int", "round", "str", "numpy.round", "numpy.sqrt"}  # of one value
SPLIT = "sklearn.model_selection.train_test_split"

SETTLING = {  # done twice they have done it once
    *("abs", "astype", "capitalize", "casefold", "clip", "fillna", "lower", "lstrip", "normalize", "replace", "round", "rstrip", "strip"),
    *("title", "upper"),
}
SETTLING_FUNCTIONS = {"pandas.to_datetime", "pandas.to_numeric"}
SETTLING_TABLES = {"fillna", "replace", "round"}
CLOCKS = frozenset("now today utcnow time time_ns perf_counter monotonic".split())
