"""Hooks of the abstract interpreter: what the notebook hands to Python itself, which then calls it at any statement.

sys.addaudithook(note)            `note` may run in every statement from here on
warnings.showwarning = collect    so may `collect`, wherever something warns
seen = record.__enter__()         what is entered by hand may change until it is left
"""

from __future__ import annotations

import ast

from nb2prod.analysis.contexts import ENTERING, OUTSIDE_CODE
from nb2prod.analysis.functions import Arguments
from nb2prod.analysis.lifetimes import Lifetimes
from nb2prod.analysis.values import Touches, Value, deep_objects

HOOKED = tuple(
    """sys.settrace sys.setprofile sys.addaudithook sys.meta_path sys.path_hooks sys.displayhook sys.excepthook sys.unraisablehook
    sys.breakpointhook sys.monitoring threading.settrace threading.setprofile threading.excepthook signal. gc.callbacks warnings.
    logging.captureWarnings numpy.seterrcall scipy.special.seterrcall os.register_at_fork""".split()
)
KEEPING = {"logging.captureWarnings": "logging"}  # the library that from then on collects what others say


class Hooks(Lifetimes):
    """`note_hook` and `run_hooks`."""

    def call_path(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        value = super().call_path(path, arguments, node)
        self.note_hook(path, *arguments.values)
        return value

    def call_attribute(self, receiver: Value, name: str, arguments: Arguments, node: ast.AST) -> Value:
        value = super().call_attribute(receiver, name, arguments, node)
        if name in ENTERING and not self.frames:
            self.heap.hooks |= deep_objects(value)
        return value

    def note_hook(self, path: str, *given: Value) -> None:
        """Remember what is given to a place from which it is called at any time."""
        if any(part.startswith(HOOKED) for part in path.split("|")):
            self.heap.hooks.update(object for value in given for object in deep_objects(value))
            self.heap.hooks.update(self.library(KEEPING[path]).objects if path in KEEPING else ())

    def run_hooks(self) -> None:
        """What may be called at any statement does what it does to anything that was there before; where it changes nothing it does not matter."""
        if not self.heap.hooks:
            return
        touches, self.touches = self.touches, Touches()
        reached = self.heap.reach(self.heap.hooks)
        self.update(Value(reached - self.heap.code_among(reached)))
        self.run_reached(reached, OUTSIDE_CODE)
        self.run_instances(reached, OUTSIDE_CODE)
        hooked, self.touches = self.touches, touches
        own = f"{self.statement.cell}.{self.statement.index}:"
        if any(location.kind != "object" or not location.key.startswith((own, "any:")) for location in hooked.updates):
            self.use(Value(reached))
            for ambient in ("warnings", "numpy.errstate"):  # they decide what is told to it
                self.use_ambient(ambient)
            touches.updates |= hooked.updates
            touches.uses |= hooked.uses
            touches.writes_out |= hooked.writes_out
            touches.opaque = touches.opaque or hooked.opaque
