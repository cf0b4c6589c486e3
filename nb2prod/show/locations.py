"""Locations in words that people use, for reasons and chains.

Location("name", "df") -> "`df`"     Location("object", "3.0:1.4") -> "`df`"     Location("ambient", "rng:numpy") -> "numpy's random generator"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nb2prod.model.dataflow import Effects, Location

Names = Mapping[str, str]  # a statement as the keys of objects begin with it ("3.0") -> the names it gave: "`fig` or `ax`"
MOST = 3

AMBIENT = {
    "rng:numpy": "numpy's random generator",
    "rng:random": "Python's random generator",
    "rng:torch": "torch's random generator",
    "rng:tensorflow": "tensorflow's random generator",
    "figure": "the current figure",
    "matplotlib.rcParams": "the settings of matplotlib",
    "pandas.options": "the options of pandas",
    "numpy.printoptions": "how numpy prints",
    "numpy.errstate": "how numpy treats errors",
    "warnings": "which warnings are shown",
    "os.environ": "the environment variables",
    "cwd": "the working directory",
    "sys.path": "where modules are found",
    "sys.modules": "the modules that are loaded",
    "locale": "the locale",
    "decimal": "the precision of decimals",
    "logging": "how messages are logged",
    "seaborn.theme": "the theme of seaborn",
    "sklearn.config": "the configuration of scikit-learn",
    "plotly.options": "the settings of plotly",
    "keras.session": "the state of keras",
    "stdin": "what is typed in",
    "stdout": "where output goes",
}
RESOURCES = {"file": "a file", "database": "a database", "network": "the network", "shell": "what a shell command did"}


def made_names(effects: Iterable[Effects]) -> Names:
    """The names that each statement gave to what it made, where it gave few enough to be told."""
    found = {}
    for one in effects:
        names = sorted(location.key for location in (*one.defines, *one.updates) if location.kind == "name")
        if 1 <= len(names) <= MOST:
            found[f"{one.statement.cell}.{one.statement.index}"] = " or ".join(f"`{name}`" for name in names)
    return found


def in_words(location: Location, names: Names) -> str:
    """What a location is: a variable, a file, a piece of state."""
    kind, key = location
    if kind == "name":
        return "any variable" if key == "*" else f"`{key}`"
    if kind == "object":
        maker = key.partition(":")[0]
        if maker in names:
            return names[maker]
        module = f"the module {key.partition(':')[2]}" if maker == "module" else ""
        cell = maker.partition(".")[0]
        return module or (f"a value made in cell {cell}" if cell.isdigit() else "a value")
    if kind == "ambient":
        return AMBIENT.get(key, f"the state of {key}")
    return RESOURCES[kind] if key in ("?", ".") else f"the {kind} {key}" if kind in ("file", "database") else RESOURCES[kind]
