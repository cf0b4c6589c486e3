"""Calls that mean more than a rule can say: showing, dynamic code, pyplot's current figure, magics.

print(f"acc {acc:.2f}")     shows acc; turning values to text depends on display options
exec(text)                  opaque: everything before it stays
plt.show()                  the figures so far are shown and gone
"""

from __future__ import annotations

import ast
import re
import shlex
from typing import TYPE_CHECKING

from nb2prod.analysis.frames import Frame
from nb2prod.analysis.functions import Arguments
from nb2prod.analysis.resources import Resources
from nb2prod.analysis.values import ELEMENT, NOTHING, UNKNOWN, Value, deep_objects, join, typed
from nb2prod.model.dataflow import Location

LOOKS = frozenset(
    """cd export set unset alias source ulimit ls ll dir pwd head tail cat wc du df free date which where tree file uname whoami nvidia-smi
    lscpu nproc type more less find""".split()
)
TIMEIT_OPTIONS = re.compile(r"^(?:\s*-(?:[nrp]\s*\d+|[tcoqv]+)(?=\s|$))+")
GIVES_TIMES = re.compile(r"-\w*o")
SHELL_SIGNS = (">", "|", ";", "&", "`", "$(", "-delete", "-exec")


class Specials(Resources):
    """Handlers found by name: `call_x` for a builtin called directly, `path_a_b` for a library function."""

    def call_print(self, node: ast.Call) -> Value:
        arguments = self.arguments(node)
        stream = dict(arguments.keywords).get("file")
        self.use(*arguments.values)
        self.use_text(*arguments.values)
        patched = self.patched("sys.stdout")
        self.use(patched)
        self.update(patched, deep=True)
        if stream is not None and stream.path not in ("sys.stdout", "sys.stderr"):
            for location in self.locate("file", stream):
                self.touches.updates.add(location)
                self.touches.writes_out.add(location)
            self.update(stream)
            return NOTHING
        self.touches.prints = True
        self.touches.printed.extend(arguments.positional)
        return NOTHING

    def call_display(self, node: ast.Call) -> Value:
        arguments = self.arguments(node)
        self.use(*arguments.values)
        self.touches.displayed.extend(arguments.positional)
        return NOTHING

    def path_IPython_display_display(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        self.use(*arguments.values)
        self.touches.displayed.extend(arguments.positional)
        return NOTHING

    # dynamic code ------------------------------------------------------------------------------------------------------------

    def call_exec(self, node: ast.Call) -> Value:
        return self.run_text(node, "exec")

    def call_eval(self, node: ast.Call) -> Value:
        return self.run_text(node, "eval")

    def run_text(self, node: ast.Call, name: str) -> Value:
        """Code in a string: read when the string is known and runs in the notebook's own scope, opaque otherwise."""
        arguments = self.arguments(node)
        text = arguments.positional[0].constant if len(arguments.positional) == 1 and not arguments.keywords else UNKNOWN
        if isinstance(text, str) and not self.frames:
            try:
                tree = ast.parse(text.strip())
            except SyntaxError:
                return self.opaque(f"`{name}` of text that is not Python")
            self.touches.dynamic = True
            if name == "eval" and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
                return self.evaluate(tree.body[0].value)
            self.run_body(tree.body)
            return NOTHING
        return self.opaque(f"`{name}` runs text that is only known at run time")

    def call_globals(self, node: ast.Call) -> Value:
        return self.opaque(f"`{node.func.id}()` reaches every variable by name")  # type: ignore[attr-defined]

    call_locals = call_globals

    def call_vars(self, node: ast.Call) -> Value:
        if not node.args:
            return self.call_globals(node)
        value = self.evaluate(node.args[0])
        self.use(value)
        return value._replace(types=None)

    def path_builtins_type(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """`type(x)` is the class of the notebook where x is of one; with three arguments it makes a class."""
        if len(arguments.values) != 1:
            return self.call_unknown(Value(path=path), arguments, node)
        self.use(*arguments.values)
        classes = {self.heap.instances[object] for object in arguments.values[0].objects if object in self.heap.instances}
        return Value(frozenset(classes), frozenset({"type"}), shows="peek")

    def call___import__(self, node: ast.Call) -> Value:
        name = self.evaluate(node.args[0]).constant if node.args else UNKNOWN
        return self.imported(name, node)

    def path_importlib_import_module(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        name = arguments.positional[0].constant if arguments.positional else UNKNOWN
        return self.imported(name, node)

    def path_importlib_reload(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """Reading a module's file again changes the module."""
        for value in arguments.values:
            self.use_imported(value.path)
            self.update(self.library(value.path))
        self.touch_any_file()
        return join(*arguments.values)

    def imported(self, name: object, node: ast.AST) -> Value:
        """A module by its name; one whose name is not known is of an unknown library."""
        if isinstance(name, str):
            self.use_imported(name)
            return Value(path=name)
        self.touch_any_file()
        return Value(path="?")

    def call_getattr(self, node: ast.Call) -> Value:
        arguments = self.arguments(node)
        value, name, *default = (*arguments.positional, NOTHING, NOTHING)[: max(2, len(arguments.positional))]
        if isinstance(name.constant, str):
            return join(self.attribute(value, name.constant, node), *default)
        self.use(*arguments.values)
        if value.path:
            return Value(self.library(value.path).objects | value.objects, path="?")
        self.touch_instances(value, node=node)
        members = [part for object in value.objects for part in self.own_members(object)]
        return join(value._replace(types=None, shows="", elements=None), *self.heap.parts(value.objects), *members)

    def own_members(self, object: str) -> list[Value]:
        """Everything an object of the notebook's own classes gets from its class."""
        owner = self.heap.instances.get(object, object)
        one = Value(frozenset({object}))
        found = [
            (key, held)
            for name in (self.lineage(owner) if owner in self.heap.classes else ())
            for key, held in self.heap.fields.get(name, {}).items()
        ]
        return [part for key, held in found for part in self.bind_member(held, one, key, ast.Pass(lineno=0, col_offset=0))]

    def call_setattr(self, node: ast.Call) -> Value:
        arguments = self.arguments(node)
        if len(arguments.positional) == 3:
            value, name, held = arguments.positional
            self.store_attribute(value, name.constant if isinstance(name.constant, str) else ELEMENT, held)
        return NOTHING

    def call_delattr(self, node: ast.Call) -> Value:
        arguments = self.arguments(node)
        self.use(*arguments.values)
        self.update(*arguments.positional[:1])
        return NOTHING

    def call_super(self, node: ast.Call) -> Value:
        """`super()` is the instance at hand with anything its bases may do to it."""
        frame = next((frame for frame in reversed(self.frames) if frame.self is not None), None)
        if frame is None or frame.self is None:
            first = next(
                (value for frame in reversed(self.frames) for value in frame.locals.values() if not frame.comprehension),
                Value(self.blurred),
            )
            return Value(deep_objects(first), frozenset({"notebook.super"}))
        return Value(path="", objects=frame.self.objects, types=frozenset({"notebook.super"}))

    def call_method(self, receiver: Value, name: str, arguments: Arguments, node: ast.AST) -> Value:
        if receiver.types != {"notebook.super"}:
            return super().call_method(receiver, name, arguments, node)
        values: list[Value] = [self.make_bare(join(*arguments.values), node)] if name == "__new__" else []
        library = False
        for object in sorted(receiver.objects):
            owner = self.heap.instances.get(object, object)
            found = [self.member(parent, name) for parent in self.lineage(owner)[1:]] if owner in self.heap.classes else []
            for member in filter(None, found):
                parts = self.bind_member(member, Value(frozenset({object})), name, node)
                values.extend(self.call_value(part, arguments, node) for part in parts)
            library = library or owner not in self.heap.classes or self.library_bases(owner)
        if library:
            values.append(self.call_unknown(receiver._replace(types=None), arguments, node))
        return join(*values) if values else NOTHING

    def path_builtins_object___new__(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        return self.make_bare(join(*arguments.values), node)

    # pyplot's current figure ---------------------------------------------------------------------------------------------------

    def call_drawing(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """`plt.figure()` and `plt.subplots()` make a new current figure; a numbered or named figure may be an old one."""
        self.use(*arguments.values)
        self.use_ambient("matplotlib.rcParams")
        numbered = path.endswith(".figure") and (arguments.positional or any(name == "num" for name, _ in arguments.keywords))
        earlier = self.figures if numbered else frozenset()
        figure = self.new_figure(node)
        self.figures = self.figures.union(earlier, *(value.objects for value in arguments.positional if numbered))
        figure = Value(self.figures, figure.types)
        self.update(figure)
        if path.endswith(".figure"):
            return figure
        return Value(types=frozenset({"tuple"}), elements=(figure, self.axes_of(figure, path, arguments, node)))

    def axes_of(self, figure: Value, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """The axes `plt.subplots` gives: one, or an array of them, all sharing the figure."""
        axes = Value(figure.objects, frozenset({"matplotlib.axes.Axes"}))
        if path.endswith(".subplots"):
            single = not arguments.positional and not {name for name, _ in arguments.keywords} & {"nrows", "ncols", "squeeze", "**"}
            return axes if single else axes._replace(types=frozenset({"matplotlib.figure.AxesArray"}))
        array = self.container(node, "dict", (axes,))
        self.heap.store(array.objects, "[]", axes)
        self.heap.store(array.objects, ".flat", array)
        return array._replace(objects=array.objects | figure.objects)

    def path_matplotlib_pyplot_gcf(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        return self.draw(node)

    def path_matplotlib_pyplot_gca(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        self.use(*arguments.values)
        return self.draw(node)._replace(types=frozenset({"matplotlib.axes.Axes"}))

    path_matplotlib_pyplot_subplot = path_matplotlib_pyplot_axes = path_matplotlib_pyplot_subplot2grid = path_matplotlib_pyplot_gca

    def path_matplotlib_pyplot_sca(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """The figure of these axes is the current one from now on."""
        self.use(*arguments.values)
        self.figures = frozenset().union(*(value.objects for value in arguments.values)) or self.figures
        self.draw(node)
        return NOTHING

    def path_matplotlib_pyplot_show(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        self.use(Value(self.figures))
        self.update(Value(self.figures))
        self.figures = frozenset()
        self.touches.shows_figures = True
        return NOTHING

    path_matplotlib_pyplot_close = path_matplotlib_pyplot_show

    # calls that give back several values ------------------------------------------------------------------------------------------

    def path_sklearn_model_selection_train_test_split(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """`train_test_split(X, y)` gives two new values of each one's own type."""
        rule = self.knowledge.function(path)
        if rule is None or arguments.spread:
            return self.call_unknown(Value(path=path), arguments, node)
        self.apply(rule, None, path, arguments, node)
        parts = [self.fresh(node, value.types, tag=f":{rank}{half}") for rank, value in enumerate(arguments.positional) for half in "ab"]
        return Value(types=frozenset({"tuple"}), elements=tuple(parts))

    # magics --------------------------------------------------------------------------------------------------------------------

    def call_get_ipython(self, node: ast.Call) -> Value:
        return Value(path="get_ipython")

    def call_magic(self, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """A magic that reading left in the code."""
        texts = [value.constant for value in arguments.positional]
        magic = texts[0] if texts and isinstance(texts[0], str) else ""
        if name in ("system", "getoutput", "getoutput_"):
            return self.shell(magic, gives=name != "system", node=node)
        if magic == "timeit":
            return self.timed([text for text in texts[1:] if isinstance(text, str)])
        if magic in ("reset", "reset_selective") and not self.frames:
            return self.clear_names(str(texts[1]) if magic == "reset_selective" else "")
        return self.opaque(f"the magic `%{magic or name}` is not known")

    def shell(self, command: str, gives: bool, node: ast.AST) -> Value:
        """A shell command: a mere look, or something that may touch any file."""
        everywhere = Location("shell", "?")
        given = self.container(node, "list", (typed("str"),)) if gives else NOTHING
        words = split_words(command)
        self.linked = self.linked or "ln" in words
        self.touches.uses.add(everywhere)
        if words and words[0] in LOOKS and not any(sign in command for sign in SHELL_SIGNS):
            self.touches.looks = not gives
            return given
        self.touches.updates.add(everywhere)
        if not gives:
            self.touches.writes_out.add(everywhere)
        return given

    def clear_names(self, words: str) -> Value:
        """`%reset` unbinds every name, `%reset_selective` those that match a pattern."""
        pattern = words.split()[-1] if words.split() else ""
        for name in sorted(name for name in self.names if not name.startswith("_") and re.search(pattern, name)):
            self.unbind(name)
        return NOTHING

    def path_subprocess_check_output(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """A command written out in place that only looks around gives a look; any other may touch any file."""
        words = written_words(node)
        rule = self.knowledge.function(path)
        if words and words[0] in LOOKS and not any(sign in word for word in words for sign in SHELL_SIGNS) and not arguments.keywords:
            self.touches.uses.add(Location("shell", "?"))
            return Value(types=frozenset({"bytes"}), shows="peek")
        return self.apply(rule, None, path, arguments, node) if rule else self.call_unknown(Value(path=path), arguments, node)

    def timed(self, texts: list[str]) -> Value:
        """`%timeit` runs code many times in a scope of its own: its changes to objects count, its bindings do not."""
        options = TIMEIT_OPTIONS.match(texts[0]) if texts else None
        setup = texts[0][options.end() if options else 0 :] if texts else ""
        try:
            tree = ast.parse("\n".join([setup.strip(), *texts[1:]]))
        except SyntaxError:
            return self.opaque("`%timeit` of text that is not Python")
        self.run_apart(tree.body)
        self.touches.looks = True
        return self.fresh(tree) if options and GIVES_TIMES.search(options[0]) else NOTHING

    def run_apart(self, body: list[ast.stmt]) -> None:
        """Run code in a scope of its own."""
        self.frames.append(Frame(function="%timeit"))
        self.run_body(body)
        self.frames.pop()

    def path_timeit_timeit(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """Code to be timed, as functions or as text: a text that is not known may do anything."""
        for value in (*arguments.positional[:2], *(value for name, value in arguments.keywords if name in ("stmt", "setup", "**"))):
            if isinstance(value.constant, str) and parses(value.constant):
                self.run_apart(ast.parse(value.constant).body)
            elif value.types is None and not self.heap.code_among(value.objects) or value.types == {"str"}:
                self.opaque(f"`{path}` runs text that is only known at run time")
        return self.call_unknown(Value(path=path), arguments, node)

    path_timeit_repeat = path_timeit_Timer = path_timeit_timeit

    def path_cProfile_run(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        return self.opaque(f"`{path}` runs text in the notebook")

    path_profile_run = path_cProfile_run

    def path_sys_setrecursionlimit(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        self.use(*arguments.values)
        self.update_ambient("recursion limit")
        return NOTHING

    path_sys_set_int_max_str_digits = path_sys_setrecursionlimit

    def path_sys_getrecursionlimit(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        self.use_ambient("recursion limit")
        return typed("int")

    def path_builtins_input(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        self.update_ambient("stdin")
        self.touches.asks = True
        return typed("str")

    if TYPE_CHECKING:  # the rest of the interpreter

        def use_imported(self, module: str) -> None: ...
        def run_body(self, body: list[ast.stmt]) -> None: ...
        def store_attribute(self, receiver: Value, name: str, value: Value) -> None: ...


def written_words(node: ast.AST) -> list[str]:
    """The words of a command that stands as a list of texts in a call; nothing where any of them is not written out."""
    listed = node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else None
    parts = listed.elts if isinstance(listed, ast.List) else []
    words = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return words if len(words) == len(parts) else []


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def split_words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()
