"""What showing an expression is: a caption, a peek, a summary or a conclusion; and which bare expressions are there for what they do.

"shape {}".format(df.shape)      -> peek: as telling as what is put into the text
(accuracy, len(df))              -> conclusion: the most telling of its parts
plt.style.use("ggplot")          -> nothing shown: it sets something
"""

from __future__ import annotations

import ast

from nb2prod.analysis.statements import Interpreter
from nb2prod.analysis.values import ANYTHING
from nb2prod.analysis.walk import Step

ORDER = ("caption", "peek", "summary", "conclusion")
SETTINGS = frozenset(
    "matplotlib.rcParams seaborn.theme pandas.options numpy.printoptions numpy.errstate warnings os.environ cwd sys.path locale decimal logging "
    "sklearn.config plotly.options keras.session".split()
)


def kind_of(node: ast.expr, step: Step, machine: Interpreter) -> str:
    """What showing an expression is; texts and tuples are what their most telling part is."""
    if isinstance(node, ast.Constant):
        return "caption"
    parts = parts_of(node)
    if parts is None:
        return machine.shows(step.touches.values.get(node, ANYTHING))
    return max((kind_of(part, step, machine) for part in parts), key=ORDER.index, default="caption")


def parts_of(node: ast.expr) -> list[ast.expr] | None:
    """The expressions that a text or a tuple is put together from; None for anything else."""
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    if isinstance(node, ast.Tuple):
        return list(node.elts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and is_text(node.left):
        return [node.right]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format" and is_text(node.func.value):
        return [*node.args, *(keyword.value for keyword in node.keywords)]
    return None


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_an_act(node: ast.expr, step: Step) -> bool:
    """Whether a bare expression stands there for what it does: a call that sets an option or works in place gives nothing worth showing."""
    if not isinstance(node, ast.Call):
        return False
    sets = any(location.kind == "ambient" and location.key in SETTINGS for location in step.effects.defines | step.effects.updates)
    return sets or any(k.arg == "inplace" and isinstance(k.value, ast.Constant) and k.value.value is True for k in node.keywords)
