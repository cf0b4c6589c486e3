"""The last values of some variables as JSON: put behind a script or into a notebook's last cell and run with it. Standard library only.

dump({"n": 3, "table": frame}, ["n", "table", "gone"], "out.json")
    ->   {"n": 3, "table": {"class": "DataFrame", "columns": [...], "values": [...]}, "gone": {"missing": true}}
"""

import json

LONGEST = 20000  # values of an array: a longer one is thinned out evenly
DEEPEST = 6  # levels of things within things


def dump(names, wanted, path):
    """Write the values of the wanted names to a file."""
    found = {name: described(names[name], 0) if name in names else {"missing": True} for name in wanted}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(found, file)


def described(value, depth):
    """A value as plain data; of what is not made of data, only the class."""
    kind = type(value).__name__
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (float, complex)):
        return {"number": repr(value)}
    if depth > DEEPEST:
        return {"class": kind}
    for test, describe in KINDS:
        if test(value):
            return describe(value, depth, kind)
    attributes = getattr(value, "__dict__", None)
    module = (type(value).__module__ or "").partition(".")[0]
    if isinstance(attributes, dict) and not callable(value) and module not in ("matplotlib", "sqlite3"):
        return {"class": kind, "attributes": {str(name): described(attributes[name], depth + 1) for name in sorted(attributes, key=str)}}
    return {"class": kind}


def _frame(value, depth, kind):
    columns = [value[name].tolist() for name in value.columns] if value.columns.is_unique else value.values.T.tolist()
    inner = [described(column, depth + 1) for column in columns]
    return {"class": kind, "columns": [str(name) for name in value.columns], "index": _thin(map(str, value.index)), "values": inner}


def _series(value, depth, kind):
    return {"class": kind, "index": _thin(map(str, value.index)), "values": described(value.tolist(), depth + 1)}


def _array(value, depth, kind):
    flat = described(value.ravel().tolist() if value.ndim else value.item(), depth + 1)
    return {"class": "ndarray", "shape": list(value.shape), "values": flat}


def _items(value, depth, kind):
    return [described(item, depth + 1) for item in _thin(value)]


def _set(value, depth, kind):
    return {"class": kind, "values": sorted((described(item, depth + 1) for item in value), key=json.dumps)}


def _pairs(value, depth, kind):
    return {"class": kind, "pairs": [[described(key, depth + 1), described(item, depth + 1)] for key, item in value.items()]}


def _thin(values):
    values = list(values)
    return values[:: len(values) // LONGEST + 1]


def _has(*names):
    return lambda value: all(hasattr(type(value), name) for name in names)


KINDS = (
    (_has("iterrows", "columns"), _frame),
    (_has("tolist", "index", "iloc"), _series),
    (
        _has("tolist", "ravel", "ndim", "shape"),
        lambda value, depth, kind: _array(value, depth, kind) if value.shape else described(value.item(), depth),
    ),
    (lambda value: isinstance(value, dict), _pairs),
    (lambda value: isinstance(value, (list, tuple)), _items),
    (lambda value: isinstance(value, (set, frozenset)), _set),
)
