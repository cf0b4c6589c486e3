"""Calls that nobody knows, and what a known library does with the notebook's own functions and objects that it is given.

somelib.tune(df)            df may change, random numbers may be drawn, any file be written; the result may share df
sorted(rows, key=weight)    runs `weight` with anything
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nb2prod.analysis.classes import Classes
from nb2prod.analysis.functions import Arguments
from nb2prod.analysis.parts import DRAWN, FRAMES, PATCH
from nb2prod.analysis.values import ANYTHING, ELEMENT, Value, deep_objects
from nb2prod.model.dataflow import Location

LOOKS = frozenset({"shape", "dtypes", "dtype", "columns", "index", "size", "ndim", "head", "tail", "info"})
PLAIN = ("list", "dict", "set", "tuple", "str", "frozenset", "collections.deque", "collections.Counter", "collections.defaultdict")
CALLING = frozenset(
    "map filter reduce partial starmap submit apply applymap transform agg aggregate pipe takewhile dropwhile accumulate Thread register".split()
)
GIVING = ("apply", "agg", "aggregate", "transform", "filter")
GIVERS = ("pandas.DataFrame", "pandas.core.groupby.groupby.BaseGroupBy")  # a series calls with what its cells hold
FILE_NAME = re.compile(r"^[^\n{}<>]*(/|\.[A-Za-z]\w{0,4}$)")
OUTSIDE = tuple(
    f"{module}."
    for module in """os shutil subprocess socket smtplib ftplib http urllib asyncio multiprocessing ctypes mmap dbm webbrowser syslog fileinput
    linecache codecs""".split()
)
FITS = frozenset({"fit", "partial_fit", "fit_predict", "train"})
TRANSFORMS = frozenset({"transform", "fit_transform", "inverse_transform", "fit_resample"})
TEXT_CALLS = frozenset({"builtins.str", "builtins.repr", "builtins.format", "builtins.ascii", "format", "format_map"})
FORMATS = ("format", "format_map")
REACHING_IN = re.compile(r"\{[^{}:!]*[.\[]")  # "{0.name}" asks for an attribute, "{:.2f}" does not
DRAWING_KEYWORDS = ("random_state", "rng", "seed", "generator")
GENERATORS = ("rng:random", "rng:numpy")
SPLITS = frozenset({"split"})
SEEDS = frozenset("random_state solver shuffle cv init estimator base_estimator n_restarts_optimizer transform_algorithm".split())
RESEEDED = ".random_state"
RESEEDING = frozenset(key for name in SEEDS for key in (f".{name}", f"['{name}']"))  # by an attribute, or through `__dict__`


class Unknown(Classes):
    """`call_unknown` and `run_given`."""

    def call_unknown(self, target: Value, arguments: Arguments, node: ast.AST) -> Value:
        """A call nobody knows: it may change the receiver and every argument, draw random numbers, and give back parts of any of them."""
        modules = [self.library(value.path) for value in arguments.values if self.is_module(value.path)]
        involved = [target.sharing(self.library(target.path).objects), *arguments.values, *modules]
        self.use(*involved)
        self.update(*involved, deep=True)
        for generator in GENERATORS:
            self.update_ambient(generator)
        self.use_ambient("os.environ")
        self.may_draw(node)
        reached = self.heap.reach(object for value in involved for object in deep_objects(value))
        self.run_reached(reached, node, arguments.values)
        self.run_instances(reached, node)
        self.touch_instances(*involved, node=node)
        reached = self.heap.reach(reached)
        for object in reached:
            for resource in self.heap.resources.get(object, ()):
                self.touches.updates.add(resource)
                self.touches.writes_out.add(resource)
        if len(reached) > 1:
            self.heap.store(reached, ELEMENT, Value(reached - self.library(target.path).objects))
        self.heap.closed -= reached
        if any(self.is_type(value, "matplotlib.axes.Axes", "matplotlib.figure.Figure") for value in involved):
            self.touches.draws = True
        result = self.fresh(node).sharing(reached - self.library(target.path).objects)
        if target.path and self.reaches_outside(target.path):
            self.touches.unknown_call = self.touches.unknown_call or target.path
            self.heap.foreign.update(dict.fromkeys(result.objects - reached, target.path))
            self.touch_any_file()
        return result

    def called_by_path(self, path: str) -> bool:
        """Whether something in a library may be a function that no rule tells of."""
        known = self.knowledge.functions.keys() | self.knowledge.types.keys()
        return any(part not in known and self.unbound(part) is None for part in path.split("|") if part)

    def call_unbound(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """Call a method through its class: `list.append(rows, row)`."""
        kind, name = self.unbound(path) or ("", "")
        receiver, *rest = arguments.positional
        known = receiver._replace(types=frozenset({kind}), path="")
        return self.call_method(known, name, replace(arguments, positional=tuple(rest)), node)

    def replaced(self, path: str) -> bool:
        """Whether the notebook put something under a path of a library, above it or below."""
        stored = [key[1:] for object in self.library(path).objects for key in self.heap.fields.get(object, {}) if key.startswith(PATCH)]
        return any(f"{path}.".startswith(f"{one}.") or one.startswith(f"{path}.") for one in stored)

    def run_patches(self, patched: Value, arguments: Arguments, node: ast.AST) -> Value:
        """A library may call what the notebook put into it elsewhere, with all that it is given."""
        self.use(patched)
        held = self.heap.parts(patched.objects)
        reached = self.heap.reach(object for value in (*arguments.values, *held) for object in deep_objects(value))
        self.run_instances(reached, node)
        return self.run_reached(reached, node, held)

    def touch_any_file(self) -> None:
        """Code that nobody knows may read and write any file."""
        anywhere = Location("file", "?")
        self.touches.uses.add(anywhere)
        self.touches.updates.add(anywhere)

    def note_foreign(self, receiver: Value, name: str, arguments: Arguments) -> None:
        """An unknown method may reach outside where its object came from an unknown library, or where it is given the name of a file."""
        origins = sorted(self.heap.foreign[object] for object in receiver.objects if object in self.heap.foreign)
        if name in LOOKS:
            return
        if origins:
            self.touches.unknown_call = self.touches.unknown_call or f"{origins[0]}.{name}"
            self.touch_any_file()
        elif receiver.types is None and any(isinstance(v.constant, str) and FILE_NAME.search(v.constant) for v in arguments.values):
            self.touches.unknown_call = self.touches.unknown_call or f".{name}"
            self.touch_any_file()

    def run_given(self, receiver: Value | None, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """A library call runs the functions it is handed, and of the notebook's instances any method (a builtin: their special ones)."""
        involved = [*arguments.values, *([receiver] if receiver else [])]
        made = [self.fresh(node)] if self.is_hooked(arguments) else []  # a hook sees what the library has made so far
        reached = self.heap.reach(object for value in (*involved, *made) for object in deep_objects(value))
        if name.rpartition(".")[2] in CALLING:
            for value in arguments.values:
                if value.types is None and (value.objects or self.called_by_path(value.path)):  # it may be a method
                    (
                        self.call_value(value, Arguments((Value(reached),)), node)
                        if value.path
                        else self.call_unknown(value, Arguments(), node)
                    )
        gave = self.run_reached(reached, node, arguments.values, self.callback_argument(receiver, name, arguments, reached))
        if name.startswith("builtins.") or receiver is not None and self.is_type(receiver, *PLAIN):
            self.touch_instances(*involved, node=node)
        else:
            self.run_instances(reached, node)
        return gave

    def callback_argument(self, receiver: Value | None, name: str, arguments: Arguments, reached: frozenset[str]) -> Value | None:
        """What a function that frames or groups call is given first: a column, row or group; None where that may be anything."""
        plain = all(keyword not in ("raw", "engine", "**") for keyword, _ in arguments.keywords)  # else it may be an array
        if name not in GIVING or receiver is None or not plain or not self.is_type(receiver, *GIVERS):
            return None
        return Value(reached - self.heap.code_among(reached), frozenset({"pandas.NDFrame"}))

    def is_hooked(self, arguments: Arguments) -> bool:
        """Whether a call is given functions by keyword that may see and give parts of what it makes: `json.loads(text, object_hook=f)`."""
        hooks = (self.heap.functions.keys(), self.heap.methods.keys())
        given = (value.objects for name, value in arguments.keywords if name not in ("key", "cmp"))
        return any(not table.isdisjoint(objects) for objects in given for table in hooks)

    def make_text(self, receiver: Value | None, name: str, arguments: Arguments, node: ast.AST) -> None:
        """Making a text of values runs what their classes say of it, and a format may ask for any attribute."""
        if name in TEXT_CALLS:
            self.use_text(*arguments.values)
        written = receiver is not None and isinstance(receiver.constant, str) and not REACHING_IN.search(receiver.constant)
        if name in FORMATS and not written:
            self.run_instances(self.heap.reach(object for value in arguments.values for object in deep_objects(value)), node)

    def draw_from(self, receiver: Value | None, arguments: Arguments) -> None:
        """A library that is given a generator, or an object of it that holds one, may draw from it."""
        named = [*(("", value) for value in arguments.positional), *arguments.keywords]
        self.update(Value(self.generators_in(receiver or ANYTHING)))
        held = self.heap.reach(deep_objects(receiver)) if receiver is not None else frozenset()
        if held & self.heap.sorted.get("drawing", set()):
            self.update_ambient("rng:numpy")  # a pipeline around a dummy that predicts at random
        if held & self.heap.sorted.get("in place", set()):
            self.update(*arguments.values)  # or around a scaler that writes into what it is given
        self.update(*(value for name, value in named if self.is_type(value, *DRAWN) or value.types is None and name in DRAWING_KEYWORDS))

    def note_seed(self, receiver: Value | None, name: str, arguments: Arguments) -> None:
        """Remember that a model, or one inside of it, was told otherwise what it draws: `model.set_params(random_state=None)`."""
        for keyword, value in arguments.keywords if receiver is not None and name == "set_params" else ():
            if keyword == "**" or keyword.rpartition("__")[2] in SEEDS:
                self.heap.store(self.heap.reach(deep_objects(receiver)) if receiver else (), RESEEDED, value)

    def is_reseeded(self, receiver: Value) -> bool:
        """Whether what seeds a model, or one inside of it, was set after it was made."""
        fields = [self.heap.fields.get(object, {}).keys() for object in self.heap.reach(deep_objects(receiver))]
        return any(not RESEEDING.isdisjoint(names) for names in fields)

    def note_fit(self, receiver: Value | None, name: str, result: Value = ANYTHING) -> None:
        """Remember which objects were fitted as models and which are used to transform data; a fit may give the fitted model as a new object."""
        if receiver is not None and name in FITS | TRANSFORMS | SPLITS and self.is_reseeded(receiver):
            self.update_ambient("rng:numpy")
        if receiver is not None and name in FITS:
            given = result.types is not None and all(self.knowledge.method(kind, "predict") for kind in result.types)
            self.touches.fits.update(result.objects - receiver.objects if given and result.types != receiver.types else receiver.objects)
        if receiver is not None and name in TRANSFORMS:
            self.touches.transforms.update(receiver.objects)

    def changed_with(self, value: Value) -> list[Value]:
        """What may change when a library's object changes: all that it holds, but not the data held by what is known to leave it alone."""
        rules = [self.knowledge.types.get(ancestor) for kind in value.types or () for ancestor in self.knowledge.ancestors(kind)]
        reached = self.heap.reach(deep_objects(value))
        if any(rule is not None and rule.spares_data for rule in rules) and len(value.types or ()) == 1:
            reached -= {object for object in reached - value.objects if self.is_type(Value(types=self.heap.kinds.get(object)), *FRAMES)}
        return [Value(reached)]

    def known_library(self, path: str) -> bool:
        """Whether the library is one that knowledge covers, or the standard library."""
        return path.partition(".")[0] in self.knowledge.libraries

    def reaches_outside(self, path: str) -> bool:
        """Whether a call that no rule names may reach outside the process: of an unknown library, or of a module that is made for it."""
        return any(not self.known_library(part) or part.startswith(OUTSIDE) for part in path.split("|"))

    def is_module(self, path: str) -> bool:
        """Whether a library path may be a module, which whoever is given it may change."""
        return any(part in self.knowledge.modules or not self.known_library(part) for part in path.split("|") if part)

    if TYPE_CHECKING:  # the rest of the interpreter

        def call_method(self, receiver: Value, name: str, arguments: Arguments, node: ast.AST) -> Value: ...
        @property
        def modules(self) -> frozenset[str]: ...
        @property
        def libraries(self) -> frozenset[str]: ...


def handler_name(path: str) -> str:
    """The name of the method that says what a library function does, where that is more than a rule can say."""
    return "path_" + path.replace(".", "_")
